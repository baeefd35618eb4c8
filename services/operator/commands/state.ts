/** The cluster at a glance. */
import { Command } from 'commander'
import type { Answer } from '../../../shared/messages.ts'
import { examples } from '../flags.ts'
import { withOperator } from '../session.ts'

export const stateCommand = (): Command =>
  new Command('state')
    .description('Who leads, what the cluster has, what of it is booked, offered and free.')
    .addHelpText('after', examples('state', 'state --json', 'state -s nats://bus.example.com --cluster lab'))
    .action((_flags: object, command: Command) =>
      withOperator(command, async (operator, { json: asJson, cluster }) => {
        const { pairs, table, json, print } = await import('../table.ts')
        const state = await operator.ask('cluster.get', {})
        if (asJson) print(json({ cluster, ...state }))
        else print(`${pairs(await glance(cluster, state))}\n${table(...(await balance(state)))}`)
      }),
    )

type State = Answer<'cluster.get'>

async function glance(cluster: string, state: State): Promise<[string, string][]> {
  const { ago } = await import('../words.ts')
  const { leader, epoch, since, policy, slaves, frameworks, tasks, offers, refused } = state
  const refusals = Object.entries(refused).map(([code, count]) => `${code} ${count}`)
  return [
    ['cluster', cluster],
    ['leader', `${leader}, for ${ago(since)} (epoch ${epoch})`],
    ['policy', policy],
    ['slaves', `${slaves}`],
    ['frameworks', `${frameworks}`],
    ['tasks', `${tasks}`],
    ['offers', `${offers}`],
    ['refusals', refusals.join(', ')],
  ]
}

async function balance({ total, booked, offered }: State): Promise<[string[], string[][]]> {
  const { cpus, memory } = await import('../words.ts')
  const row = (name: string, kind: 'cpuMilli' | 'memMb' | 'diskMb' | 'gpus', say: (n: number) => string) => {
    const free = total[kind] - booked[kind] - offered[kind]
    return [name, ...[total[kind], booked[kind], offered[kind], free].map(say)]
  }
  const rows = [
    row('cpus', 'cpuMilli', cpus),
    row('mem', 'memMb', memory),
    row('disk', 'diskMb', memory),
    row('gpus', 'gpus', String),
  ]
  return [['', 'TOTAL', 'BOOKED', 'OFFERED', 'FREE'], rows]
}
