import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { within } from './deadline.ts'

/**
 * Opens sockets at known addresses and ports: see `test/fixtures/fixed-ports.mjs`.
 *
 * @param inside what to run it by: see `SocketsInStates`
 */
export async function fixedPorts(inside: readonly string[]): Promise<{ close(): Promise<void> }> {
  const [file = '', ...args] = [...inside, process.execPath, 'test/fixtures/fixed-ports.mjs']
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const close = async (): Promise<void> => {
    child.stdin.end()
    await within(5000, 'the end of the fixed ports', ended)
  }
  await within(10_000, 'the fixed ports', once(createInterface(child.stdout), 'line')).catch(
    async error => {
      await close()
      throw error
    },
  )
  return { close }
}
