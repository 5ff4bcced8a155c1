import { describe, expect, it } from 'vitest'
import { runCommand } from '../../../src/inspect/sources/run-command.ts'
import { within } from '../../support/deadline.ts'

const node = process.execPath

describe('runCommand', () => {
  it('gives what the program wrote, in the language of C', async () => {
    const script = 'console.log(process.argv[1], process.env.LC_ALL)'
    expect(await runCommand(node, ['-e', script, '$HOME; a b'])).toBe('$HOME; a b C\n')
  })

  it('fails where there is no such program', async () => {
    await expect(runCommand('/usr/sbin/no-netstat', ['-an'])).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: 'cannot list sockets: there is no /usr/sbin/no-netstat',
    })
  })

  it('fails where it may not be run', async () => {
    await expect(runCommand('/etc', [])).rejects.toMatchObject({ code: 'ERR_DENIED' })
  })

  it('fails when the program does, with what it says of it', async () => {
    const script = 'console.log("half"); console.error("no kernel\\nat all"); process.exit(1)'
    await expect(runCommand(node, ['-e', script])).rejects.toMatchObject({
      code: 'ERR_SYSTEM',
      message: expect.stringMatching(/: no kernel$/),
    })
    await expect(runCommand(node, ['-e', 'process.exit(3)'])).rejects.toThrow(/: exit code 3$/)
  })

  it('knows an exit code that means "found nothing" from the same code with a complaint', async () => {
    const silent = ['-e', 'process.exit(1)']
    expect(await runCommand(node, silent, { fine: [1] })).toBe('')
    const both = ['-e', 'console.log("some"); console.error("not all"); process.exit(1)']
    expect(await runCommand(node, both, { fine: [1] })).toBe('some\n')
    const complaint = ['-e', 'console.error("illegal option"); process.exit(1)']
    await expect(runCommand(node, complaint, { fine: [1] })).rejects.toThrow(/: illegal option$/)
  })

  it('does not wait for one that hangs, and takes none of what it wrote', async () => {
    const script = 'console.log("half"); setInterval(() => {}, 1000)'
    const hanging = runCommand(node, ['-e', script], { timeoutMs: 300 })
    await expect(within(10_000, 'its end', hanging)).rejects.toThrow(/: no end after 0.3 s$/)
  })

  it('stops one that writes without end', async () => {
    const script = 'const say = () => process.stdout.write("x".repeat(65536), say); say()'
    const endless = runCommand(node, ['-e', script], { maxBytes: 1_000_000 })
    await expect(within(10_000, 'its end', endless)).rejects.toMatchObject({
      code: 'ERR_SYSTEM',
      message: expect.stringMatching(/: more than 1000000 bytes of output$/),
    })
  })
})
