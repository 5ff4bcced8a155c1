import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { relay } from '../../src/handlers/relay.ts'
import { Room } from '../../src/relay/room.ts'
import type { SlowConsumerSettings } from '../../src/relay/slow-consumer.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  type Started,
  startSession,
} from '../support/serve-session.ts'

endSessionsAfterEach()

const MIB = 1024 * 1024

interface Trio {
  readonly server: Started
  readonly sender: Socket
  readonly reader: Socket
  /** One that does not read until it is told to. */
  readonly sleeper: Socket
}

/** A sender and two listeners, one of them asleep. Unix sockets: their buffers are small. */
async function trio(settings: Partial<SlowConsumerSettings>, lines = false): Promise<Trio> {
  const server = await startSession(relay({ room: new Room(settings), lines }))
  const sender = await dialRaw(server.path)
  const reader = await dialRaw(server.path)
  const sleeper = await dialRaw(server.path)
  await server.event('open', 3)
  sleeper.pause()
  return { server, sender, reader, sleeper }
}

/** Numbered lines of 1 KiB, so that a gap or a tear can be seen. */
function numbered(count: number): Buffer {
  return Buffer.from(
    Array.from(
      { length: count },
      (_, i) => `${String(i).padStart(10, '0')} ${'x'.repeat(1012)}\n`,
    ).join(''),
  )
}

describe('block', () => {
  it('has everybody wait for the slowest, and loses nothing', async () => {
    const { server, sender, reader, sleeper } = await trio({ maxQueuedBytes: MIB / 2 })
    const said = numbered(16 * 1024)
    const heard = [readAll(reader), readAll(sleeper)]
    sleeper.pause()
    sender.end(said)
    // What fits into queue and buffers goes through, then nothing does.
    await new Promise(resolve => setTimeout(resolve, 700))
    const stoppedAt = reader.bytesRead
    expect(stoppedAt).toBeGreaterThan(MIB / 2)
    expect(stoppedAt).toBeLessThan(3 * MIB)
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(reader.bytesRead).toBe(stoppedAt)
    sleeper.resume()
    reader.end()
    sleeper.end()
    for (const all of await within(8000, 'all', Promise.all(heard))) {
      expect(all.equals(said)).toBe(true)
    }
    expect(server.notes()).toEqual([])
  })

  it('resets one that takes nothing for the time of a stall, and goes on', async () => {
    const { server, sender, reader, sleeper } = await trio({ stallMs: 400 })
    const said = numbered(16 * 1024)
    const heard = readAll(reader)
    sender.end(said)
    reader.end()
    expect((await server.event('close')).id).toBe(3)
    expect(server.notes()).toEqual(['took nothing for 400 ms while others waited: reset'])
    sleeper.end()
    sleeper.resume()
    expect((await within(8000, 'all', heard)).equals(said)).toBe(true)
  })

  it('waits for one that is slow but takes something', async () => {
    const { server, sender, reader, sleeper } = await trio({
      stallMs: 400,
      maxQueuedBytes: MIB / 4,
    })
    const said = numbered(3 * 1024)
    const heard = [readAll(reader), readAll(sleeper)]
    const nibble = setInterval(() => {
      sleeper.resume()
      sleeper.once('data', () => sleeper.pause())
    }, 50)
    sender.end(said)
    reader.end()
    sleeper.end()
    const all = await within(15_000, 'all', Promise.all(heard))
    clearInterval(nibble)
    expect(all.map(one => one.equals(said))).toEqual([true, true])
    expect(server.notes()).toEqual([])
  })

  it('has those wait, too, who come while others wait', async () => {
    const { server, sender, reader, sleeper } = await trio({ maxQueuedBytes: MIB / 4 })
    for (const one of [sender, reader]) one.resume()
    sender.write(numbered(4 * 1024))
    await new Promise(resolve => setTimeout(resolve, 500))
    const late = await dialRaw(server.path)
    await server.event('open', 4)
    late.resume()
    late.write(numbered(4 * 1024))
    await new Promise(resolve => setTimeout(resolve, 300))
    // The sender would have heard it: only the sleeper does not read.
    expect(sender.bytesRead).toBe(0)
    sleeper.resume()
    while (sleeper.bytesRead < 8 * MIB) await within(5000, 'rest', once(sleeper, 'data'))
  })
})

describe('block, with a bound below what a stream tells,', () => {
  it('goes on when the slow one has caught up', async () => {
    const { sender, reader, sleeper } = await trio({ maxQueuedBytes: 1 })
    const said = numbered(4 * 1024)
    const heard = [readAll(reader), readAll(sleeper)]
    sleeper.resume()
    sender.end(said)
    reader.end()
    sleeper.end()
    const all = await within(8000, 'all', Promise.all(heard))
    expect(all.map(one => one.equals(said))).toEqual([true, true])
  })
})

describe('drop-oldest', () => {
  it('drops whole chunks for the slow one alone, counts them, and ends with a reset', async () => {
    const { server, sender, reader, sleeper } = await trio(
      { policy: 'drop-oldest', maxQueuedBytes: MIB },
      true,
    )
    const said = numbered(16 * 1024)
    const heard = readAll(reader)
    sender.write(said)
    reader.end()
    while (reader.bytesRead < said.length) await within(5000, 'all', once(reader, 'data'))
    expect(server.notes()).toEqual(['too slow: dropping what has waited longest'])
    let got = ''
    sleeper.on('data', chunk => {
      got += chunk
    })
    sleeper.resume()
    while (!got.endsWith(said.subarray(-1024).toString())) {
      await within(5000, 'the newest', once(sleeper, 'data'))
    }
    const numbers = got.trimEnd().split('\n')
    expect(numbers.every(line => line.length === 1023)).toBe(true)
    const values = numbers.map(line => Number(line.slice(0, 10)))
    expect(values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0))).toBe(true)
    expect(values.length).toBeLessThan(4 * 1024)
    sleeper.end()
    sender.end()
    expect((await heard).equals(said)).toBe(true)
    await server.event('close', 3)
    const [, total] = server.notes()
    expect(total).toMatch(/^too slow: missed \d+ chunks, [\d.]+ MiB$/)
  })

  it('does not end one that missed something as if all had come', async () => {
    const server = await startSession(
      relay({ room: new Room({ policy: 'drop-oldest', maxQueuedBytes: MIB }) }),
    )
    const [sender, sleeper] = [await dialRaw(server.port), await dialRaw(server.port)]
    await server.event('open', 2)
    sleeper.pause()
    const chunk = numbered(1024)
    while (server.notes().length === 0) {
      if (!sender.write(chunk)) await within(5000, 'drain', once(sender, 'drain'))
    }
    sleeper.end()
    sender.end()
    sleeper.resume()
    expect((await within(8000, 'error', once(sleeper, 'error')))[0].code).toBe('ECONNRESET')
  })
})

describe('kick', () => {
  it('resets one for whom too much waits, and nobody waits for it', async () => {
    const { server, sender, reader } = await trio({ policy: 'kick' })
    const said = numbered(16 * 1024)
    const heard = readAll(reader)
    sender.write(said)
    expect((await server.event('close')).id).toBe(3)
    expect(server.notes()).toEqual([
      expect.stringMatching(/^too slow: 1(\.\d)? MiB waiting, reset$/),
    ])
    sender.end()
    reader.end()
    expect((await within(8000, 'all', heard)).equals(said)).toBe(true)
  })
})
