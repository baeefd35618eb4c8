/** Where a slave keeps what is its own. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { slaveFolder } from '../../services/slave/folder.ts'

const ext4 = 0xef53

test.skipIf(statfsSync(tmpdir()).type !== ext4)('on ext4 its sandboxes are spread over the disk', () => {
  const base = mkdtempSync(join(tmpdir(), 'proffer-folder-'))
  try {
    const folder = slaveFolder(join(base, 'not', 'there'), 'test', 'a/b')
    expect(folder).toBe(join(base, 'not', 'there', 'a%2Fb@test'))
    const [flags = ''] = execFileSync('lsattr', ['-d', folder], { encoding: 'utf8' }).split(' ')
    expect(flags).toContain('T')
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
})
