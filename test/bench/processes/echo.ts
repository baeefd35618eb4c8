/** A bare Node process with nats connected: it answers what it is asked, and is the measure of an idle role. */
import { connect } from 'nats'
import type { Place } from './place.ts'
import { given, serve } from './serve.ts'

const connection = await connect({ servers: given<Place>().url, noAsyncTraces: true })
connection.subscribe('bench.echo', { callback: (_error, message) => void message.respond(message.data) })
await connection.flush()
serve(
  () => {},
  () => connection.drain(),
)
