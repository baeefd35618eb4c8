/** Who gets what, as an operator sets and reads it: roles, limits, reservations, volumes, and why not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { obstacleMeanings, type RoleRow } from '../../shared/messages.ts'
import { type Command, type Finished, Shell } from './cli-world.ts'

let shell: Shell
const slaves: Command[] = []

beforeAll(async () => {
  shell = await Shell.open()
  const master = shell.master('m1', '--revoke-for', 'nobody')
  slaves.push(
    shell.slave('s1', 'cpus:2;mem:512;disk:1000', 'rack:r1;zone:a'),
    shell.slave('s2', 'cpus:2;mem:512;disk:1000', 'rack:r2;zone:b'),
  )
  await master.says('m1 leads', 'stderr')
  await Promise.all(slaves.map((each, i) => each.says(`slave s${i + 1} is `, 'stderr')))
})
afterAll(async () => {
  await Promise.all(slaves.map((command) => command.stop('SIGTERM')))
  await shell.close()
})

const proffer = (...words: string[]): Promise<Finished> => shell.run(...words)
const roles = async (): Promise<Record<string, RoleRow>> => {
  const rows = await shell.read<RoleRow[]>('roles')
  return Object.fromEntries(rows.map((row) => [row.role, row]))
}
const refusal = (complaint: RegExp) => ({ code: 1, stdout: '', stderr: expect.stringMatching(complaint) })

describe('roles', () => {
  test('several at once: what is named is set, and nothing else', async () => {
    const set = await proffer(
      ...[
        'role',
        'set',
        'eng/ads',
        '--weight',
        '2',
        '--guarantee',
        'cpus:1;mem:100',
        '--min-offer',
        'cpus:0.5',
      ],
      ...['--and', 'ops', '--weight', '0.5', '--limit', 'cpus:0'],
    )
    expect(set).toEqual({
      code: 0,
      stdout:
        'role eng/ads: weight 2; guarantee 1 CPU, 100 MiB; smallest offer 0.5 CPU\nrole ops: weight 0.5; limit 0 CPU\n',
      stderr: '',
    })
    expect(
      (await proffer('role', 'set', 'eng/ads', '--limit', 'cpus:3', '--no-min-offer', '--json')).stdout,
    ).toBe('{\n  "ok": true,\n  "roles": [\n    "eng/ads"\n  ]\n}\n')
    const { 'eng/ads': ads, ops } = await roles()
    expect(ads).toMatchObject({
      weight: 2,
      guarantee: { cpuMilli: 1000, memMb: 100 },
      limit: { cpuMilli: 3000 },
    })
    expect(ads).not.toHaveProperty('minOffer')
    expect(ops).toMatchObject({ weight: 0.5, limit: { cpuMilli: 0 } })
    expect((await proffer('roles')).stdout.split('\n').map((line) => line.split(/ {2,}(?=\S)/))).toEqual([
      expect.arrayContaining(['ROLE', 'WEIGHT', 'SHARE', 'FAIR SHARE', 'GUARANTEE', 'LIMIT']),
      ['eng', '1', '0.0 %', '66.7 %', '-', '-', '-', '-', '0'],
      ['', 'ads', '2', '0.0 %', '66.7 %', '1 CPU, 100 MiB (lacks 1 CPU, 100 MiB)', '3 CPU', '-', '-', '0'],
      ['ops', '0.5', '0.0 %', '33.3 %', '-', '0 CPU', '-', '-', '0'],
      [''],
    ])
  })

  test('all of it, or none: the arithmetic says why', async () => {
    const before = await roles()
    const both = [
      'role',
      'set',
      'eng',
      '--weight',
      '9',
      '--and',
      'ops',
      '--no-limit',
      '--guarantee',
      'cpus:4',
    ]
    expect(await proffer(...both)).toEqual(
      refusal(/^proffer: guarantees would add up to 5 cpus, 100 MiB, and the cluster has 4 cpus, 1024 MiB/),
    )
    expect(await roles()).toEqual(before)
    expect(await proffer(...both, '--force')).toMatchObject({ code: 0 })
    expect(await roles()).toMatchObject({ eng: { weight: 9 }, ops: { guarantee: { cpuMilli: 4000 } } })
  })

  test('unset and moved', async () => {
    expect((await proffer('role', 'unset', 'eng', 'ops')).stdout).toBe(
      'role eng: nothing is set for it any more\nrole ops: nothing is set for it any more\n',
    )
    const again = ['role', 'unset', 'eng', 'eng/ads/none']
    expect(await proffer(...again)).toEqual({
      code: 0,
      stdout: 'role eng: nothing was set for it\nrole eng/ads/none: nothing was set for it\n',
      stderr: '',
    })
    expect(await shell.read(...again)).toEqual({ ok: true, roles: ['eng', 'eng/ads/none'], unset: [] })
    expect((await proffer('role', 'move', 'eng/ads', 'shop/ads')).stdout).toBe(
      'role eng/ads is shop/ads now\n',
    )
    const { 'shop/ads': ads, 'eng/ads': moved } = await roles()
    expect(ads).toMatchObject({ weight: 2, guarantee: { cpuMilli: 1000, memMb: 100 } })
    expect(moved).toMatchObject({ movedTo: 'shop/ads' })
    expect((await proffer('roles')).stdout).toMatch(/^ {2}ads( +-)+ +shop\/ads$/m)
    await proffer('role', 'unset', 'shop/ads')
  })

  test.each<[string[], RegExp]>([
    [
      ['role', 'set', 'a', '--limit', 'cpus:1', '--guarantee', 'cpus:2'],
      /guaranteed 2 cpus, and its limit is 1 cpus/,
    ],
    [['role', 'move', 'a', 'a/b'], /^proffer: role a to a\/b\. A role cannot be moved to where it is/],
    [['policy', 'luck'], /^proffer: policy luck; there are drf, priority, lottery\. There is no such policy/],
    [
      ['explain', 'nobody'],
      /^proffer: there is no framework and no task nobody: see `proffer frameworks` and/,
    ],
    [['reserve', 'nowhere', 'eng', 'cpus:1'], /^proffer: slave nowhere\. There is no slave of this name/],
    [['reserve', 's1', 'eng', 'cpus:9'], /^proffer: slave s1 has 2 cpus.* That does not fit/],
    [['volume', 'destroy', 's1', 'eng', 'db'], /There is no such volume/],
  ])('%j is refused, and nothing is changed', async (words, complaint) => {
    const before = await roles()
    expect(await proffer(...words)).toEqual(refusal(complaint))
    expect(await roles()).toEqual(before)
  })
})

describe('reservations and volumes', () => {
  interface Held {
    readonly name: string
    readonly reserved?: readonly { readonly role: string; readonly resources: object }[]
  }
  const reservedOn = async (slave: string) =>
    (await shell.read<Held[]>('slaves')).find(({ name }) => name === slave)?.reserved

  test('what is reserved is for one role alone, until that is undone', async () => {
    const reserved = await proffer('reserve', 's2', 'db', 'cpus:2;disk:500')
    expect(reserved).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2 CPU, 500 MiB of disk of s2 \(\d+-S\d+\): reserved for db\n$/),
    })
    expect(await reservedOn('s2')).toMatchObject([{ role: 'db', resources: { cpuMilli: 2000, diskMb: 500 } }])
    const { stdout } = await proffer('slaves')
    expect(stdout).toMatch(/^s2 .* db: 2 CPU, 500 MiB of disk +rack:r2/m)
    expect(stdout).toMatch(
      /^s2 .* 2 of 2 \(2 reserved\) +512 MiB of 512 MiB +\S+ \S+ of .* \(500 MiB reserved\) /m,
    )
    expect(stdout).toMatch(/^s1 .* 2 of 2 {2,}512 MiB of 512 MiB {2,}/m)

    const own = await proffer('run', '--role', 'db', '--attribute', 'rack:r2', '--', 'echo', 'ours')
    expect(own).toMatchObject({ code: 0, stdout: 'ours\n' })
    const other = shell.begin('run', '--name', 'other', '--attribute', 'rack:r2', '--', 'echo', 'theirs')
    await other.says(/2 cpus, 500 MiB disk are reserved for role db \(slaves: 1 reserved; /, 'stderr')

    expect((await proffer('unreserve', 's2', 'db', 'cpus:2')).stdout).toContain('no longer reserved for db')
    expect(await other.finished).toMatchObject({ code: 0, stdout: 'theirs\n' })
    expect(await reservedOn('s2')).toMatchObject([{ role: 'db', resources: { cpuMilli: 0, diskMb: 500 } }])
  })

  test('a volume stands on reserved disk, until it is destroyed', async () => {
    const made = await proffer('volume', 'create', 's2', 'db', 'db-1', '--size', '200')
    expect(made.stdout).toMatch(/^volume db-1 of 200 MiB is made for db on s2 \(\d+-S\d+\)\n$/)
    expect((await proffer('volumes')).stdout).toMatch(
      /^VOLUME +ROLE +SLAVE +SIZE\ndb-1 +db +s2 \(\S+\) +200 MiB\n$/,
    )
    expect(await shell.read('volumes')).toMatchObject([
      { volumeId: 'db-1', role: 'db', slaveName: 's2', diskMb: 200 },
    ])
    const { stdout } = await proffer('slaves')
    expect(stdout).toMatch(/ RESERVED +VOLUMES +ATTRIBUTES\n/)
    expect(stdout).toMatch(/^s2 .* \(300 MiB reserved\) .* db: 500 MiB of disk +db-1: 200 MiB +rack:r2/m)

    const again = await proffer('volume', 'create', 's2', 'db', 'db-1', '--size', '200')
    expect(again).toEqual(refusal(/A volume of this name is on this slave already/))
    const under = await proffer('unreserve', 's2', 'db', 'disk:400')
    expect(under).toEqual(refusal(/would take 100 MiB more than the disk that is reserved/))

    // Nobody sits in front of it, so nobody is asked.
    const destroyed = await proffer('volume', 'destroy', 's2', 'db', 'db-1')
    expect(destroyed.stdout).toMatch(/^volume db-1 of db on s2 \(\S+\) is destroyed\n$/)
    expect(await shell.read('volumes')).toEqual([])
    expect(await proffer('unreserve', 's2', 'db', 'disk:500')).toMatchObject({ code: 0 })
    expect(await reservedOn('s2')).toBeUndefined()
  })
})

test('what runs for longer than it may is killed, and told by its code', async () => {
  const { code, stderr } = await proffer('run', '--name', 'slow', '--max-seconds', '0.5', '--', 'sleep', '60')
  expect(stderr).toMatch(
    /^proffer: task slow is killed: too-long, it ran for longer than the [\d.]+ s for which it may; [^()]+(\([^()]+\))?\n$/,
  )
  expect(code).toBe(124)
})

describe('why not', () => {
  interface Explained {
    readonly frameworkId: string
    readonly counts: Record<string, number>
    readonly slaves: readonly {
      readonly slaveName: string
      readonly obstacle?: string
      readonly message: string
    }[]
  }
  const explained = (...words: string[]) => shell.read<Explained>('explain', ...words)

  test('a limit that is reached; without it the rest is placed at once', async () => {
    await proffer('role', 'set', 'capped', '--limit', 'cpus:1')
    const run = shell.begin(
      ...['run', '--name', 'batch', '--role', 'capped', '--cpus', '1', '--instances', '2'],
      ...['--shell', shell.untilLetGo('batch')],
    )
    await run.says('| up\n')
    await run.says(
      'role capped holds or is offered 1 cpus, and its limit is 1 cpus (slaves: 2 role-limit; `proffer explain ',
      'stderr',
    )
    const { stdout } = await proffer('explain', 'batch')
    expect(stdout).toMatch(/^framework batch \(\d+-F\d+\)\n\nSLAVES +OBSTACLE +MEANS\n2 +role-limit +/)
    expect(stdout).toContain(obstacleMeanings['role-limit'])
    expect(stdout).toMatch(
      /^s1 \(\d+-S\d+\) +capped +role-limit +role capped holds or is offered 1 cpus, and /m,
    )
    const { frameworkId, counts, slaves } = await explained('batch')
    expect(counts).toEqual({ 'role-limit': 2 })
    expect(slaves.map(({ slaveName }) => slaveName).sort()).toEqual(['s1', 's2'])

    expect((await explained(frameworkId, '--slave', 's1', '--role', 'capped')).slaves).toHaveLength(1)
    expect((await explained('batch', '--attribute', 'zone:b|c')).slaves).toMatchObject([{ slaveName: 's2' }])
    expect((await proffer('explain', 'batch', '--attribute', 'zone:z*')).stdout).toContain(
      'There is no such slave.',
    )
    expect(await proffer('explain', 'batch', '--role', 'other')).toEqual(refusal(/not in that role/))
    expect(await proffer('explain', 'batch', '--slave', 's9')).toEqual(
      refusal(/There is no slave of this name/),
    )

    await proffer('role', 'set', 'capped', '--no-limit')
    await run.says(/\| up\n(?:.*\n)*?.*\| up\n/)
    shell.letGo('batch')
    expect((await run.finished).code).toBe(0)
  })

  test('a word that names several is told; an id, or framework/task, names one', async () => {
    const run = shell.begin('run', '--name', 'one', '--shell', shell.untilLetGo('one'))
    await run.says('up\n')
    const { stderr } = await proffer('explain', 'one')
    const [, id] =
      /^proffer: one names a framework \(say (\S+)\), and a task of one \(say \S+\/one\): say which\n$/.exec(
        stderr,
      ) ?? []
    for (const words of [[`${id}`], ['one', '--cpus', '1']])
      expect((await proffer('explain', ...words)).stdout).toMatch(/^framework one /)
    for (const word of [`${id}/one`, 'one/one']) {
      const { stdout } = await proffer('explain', word)
      expect(stdout).toMatch(/^task one of one \(\S+\)\n\nIt was launched on slave s\d /)
    }
    const told = await shell.read<{ task: object; why: string[] }>('explain', 'one/one')
    expect(told).toMatchObject({ task: { taskId: 'one', role: 'one' }, why: expect.any(Array) })
    expect(await proffer('explain', 'one/one', '--cpus', '1')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'proffer: --cpus is asked of a framework, and one is a task\n',
    })
    shell.letGo('one')
    await run.finished
  })

  test('what a stranger has called himself does not work on the terminal', async () => {
    const name = 'odd\u001b[31m'
    const run = shell.begin('run', '--name', name, '--mem', '513', '--', 'true')
    await run.says('no slave is that large', 'stderr')
    expect((await proffer('explain', name)).stdout).toMatch(/^framework odd\?\[31m \(/)
    await run.stop('SIGINT')
  })
})
