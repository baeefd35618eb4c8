/** The allocation policy: which one decides, and another in its place. */
import { Command } from 'commander'
import { examples } from '../flags.ts'
import { withOperator } from '../session.ts'

export const policyCommand = (): Command =>
  new Command('policy')
    .description(
      'The allocation policy: which one decides who is served next; with a name, that one from now on. ' +
        'There are drf, priority and lottery, and those that the master was started with (--policies).',
    )
    .argument('[name]', 'the policy that is to decide')
    .addHelpText('after', examples('policy', 'policy drf'))
    .action((policy: string | undefined, _flags: object, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { Failure } = await import('../failure.ts')
        const { json, plain, print } = await import('../table.ts')
        if (policy !== undefined) await operator.ask('sharing.set', { roles: [], policy })
        const { policy: present, policyFlaw } = await operator.ask('roles.list', { limit: 1 })
        if (policy !== undefined && policy !== present)
          throw new Failure(policyFlaw ?? `policy ${policy} does not serve, but ${present}`)
        const flaw = policyFlaw === undefined ? '' : `${plain(policyFlaw)}\n`
        print(asJson ? json({ policy: present, policyFlaw }) : `${plain(present)}\n${flaw}`)
      }),
    )
