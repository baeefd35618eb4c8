/** What is asked. It goes into the address, so that the question is a link. */
import type { FrameworkShown } from '../../language.ts'
import { useCluster } from '../cluster/useCluster.ts'
import { go, linkTo, place } from '../place.ts'
import { amountNames } from './question.ts'

const amountLabels = { cpus: 'CPUs', mem: 'Memory, MiB', disk: 'Disk, MiB', gpus: 'GPUs' } as const
/** Only the frameworks of the picture are wanted: no slave is called so. */
const noSlave = '\u0000'

export function WhyForm({ onAsk }: { readonly onAsk: () => void }) {
  const seen = useCluster('why', noSlave)
  const frameworks = seen.kind === 'shown' ? seen.shows.frameworks : []
  const { framework = '', ...asked } = place.value.with
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget as HTMLFormElement)
    go(linkTo('why', Object.fromEntries([...given].map(([name, value]) => [name, String(value).trim()]))))
    onAsk()
  }
  return (
    <form class="panel why-form" onSubmit={submit}>
      <FrameworkField frameworks={frameworks} chosen={framework} />
      <RoleField roles={frameworks.find(({ frameworkId }) => frameworkId === framework)?.roles ?? []} />
      {amountNames.map((name) => (
        <label key={name} class="why-amount">
          {amountLabels[name]}
          <input name={name} inputmode="decimal" placeholder="any" defaultValue={asked[name]} />
        </label>
      ))}
      <label>
        Attributes
        <input name="attributes" placeholder="zone:a|b;ssd;!old" defaultValue={asked['attributes']} />
      </label>
      <button type="submit" class="primary">
        Ask
      </button>
    </form>
  )
}

interface FrameworkFieldProps {
  readonly frameworks: readonly FrameworkShown[]
  readonly chosen: string
}

function FrameworkField({ frameworks, chosen }: FrameworkFieldProps) {
  const known = frameworks.some(({ frameworkId }) => frameworkId === chosen)
  return (
    <label>
      Framework
      <select
        name="framework"
        required
        value={chosen}
        onChange={(event) =>
          location.replace(
            linkTo('why', { ...place.value.with, framework: event.currentTarget.value, role: undefined }),
          )
        }
      >
        <option value="">choose one</option>
        {chosen && !known && <option value={chosen}>{chosen}</option>}
        {frameworks.map(({ frameworkId, name }) => (
          <option key={frameworkId} value={frameworkId}>
            {name} ({frameworkId})
          </option>
        ))}
      </select>
    </label>
  )
}

function RoleField({ roles }: { readonly roles: readonly string[] }) {
  const { role = '' } = place.value.with
  return (
    <label>
      Role
      <select name="role" defaultValue={role} key={`${roles.join()} ${role}`}>
        <option value="">any of its roles</option>
        {role && !roles.includes(role) && <option value={role}>{role}</option>}
        {roles.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
