import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openReceivedOutput } from '../../src/cli/received-output.ts'
import { CapturedStream } from '../support/context.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-output-'))
afterAll(() => rmSync(folder, { recursive: true }))

const HOSTILE = Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00])

describe('openReceivedOutput', () => {
  it('stands aside where nothing is to be done', async () => {
    const stdout = new CapturedStream(undefined)
    const { stream, close } = await openReceivedOutput(stdout, {})
    expect(stream).toBe(stdout)
    await close()
    expect(stdout.writableEnded).toBe(false)
  })

  it('shows a terminal what it would obey, and keeps the file as it came', async () => {
    const stdout = new CapturedStream(80)
    const file = join(folder, 'copy')
    const { stream, close } = await openReceivedOutput(stdout, { file })
    stream.write(HOSTILE)
    stream.write('é\r')
    await close()
    expect(stdout.text).toBe('\\x1b[2J�\\x00é\\r')
    expect(readFileSync(file)).toEqual(Buffer.concat([HOSTILE, Buffer.from('é\r')]))
    expect(stdout.writableEnded).toBe(false)
  })

  it('gives a terminal the bytes where that is asked for', async () => {
    const stdout = new CapturedStream(80)
    const { stream } = await openReceivedOutput(stdout, { raw: true })
    stream.write(HOSTILE)
    expect(stdout.bytes).toEqual(HOSTILE)
  })

  it('says at once that a file cannot be written', async () => {
    const opening = openReceivedOutput(new CapturedStream(undefined), { file: folder })
    await expect(opening).rejects.toThrow(`cannot write to ${folder}: that is a folder (EISDIR)`)
  })

  it.skipIf(process.platform !== 'linux')('says when the disk is full', async () => {
    const { stream, close } = await openReceivedOutput(new CapturedStream(undefined), {
      file: '/dev/full',
    })
    const failed = new Promise(resolve => stream.on('error', resolve))
    stream.write('x')
    expect(await failed).toMatchObject({ message: expect.stringContaining('/dev/full') })
    await close()
  })
})
