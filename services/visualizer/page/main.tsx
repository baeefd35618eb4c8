/** The page: whoever debugs the protocol, or looks after a cluster, sees what each actor knew, heard and did. */
import { render } from 'preact'
import { connect } from './connection.ts'
import { Shell } from './shell/Shell.tsx'
import './style/base.css'

connect()
const root = document.getElementById('page')
if (root) render(<Shell />, root)
