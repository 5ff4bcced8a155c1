import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

describe('.ci/run', () => {
  it('installs every counterpart that a test asks for', async () => {
    const script = await readFile('.ci/run', 'utf8')
    const installed = [...script.matchAll(/\[([\w.-]+)\]=/g)].map(match => match[1])
    for (const name of await peersOfTests()) expect([...installed, 'bash']).toContain(name)
  })
})

/** What `hasPeer()` is asked for, anywhere below test/. */
async function peersOfTests(): Promise<string[]> {
  const files = await readdir('test', { recursive: true })
  const texts = await Promise.all(
    files.filter(file => file.endsWith('.ts')).map(file => readFile(join('test', file), 'utf8')),
  )
  return texts.flatMap(text =>
    [...text.matchAll(/hasPeer\('([^']+)'\)/g)].map(([, name]) => `${name}`),
  )
}
