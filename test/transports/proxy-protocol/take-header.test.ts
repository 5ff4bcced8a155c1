import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Address, inetAddress } from '../../../src/address.ts'
import { echo } from '../../../src/handlers/echo.ts'
import { takeHeader } from '../../../src/transports/proxy-protocol/take-header.ts'
import type { HeaderEnds } from '../../../src/transports/proxy-protocol/types.ts'
import { formatV1 } from '../../../src/transports/proxy-protocol/v1.ts'
import { formatV2, V2_SIGNATURE } from '../../../src/transports/proxy-protocol/v2.ts'
import { within } from '../../support/deadline.ts'
import { failureFrom } from '../../support/failure.ts'
import { readAll } from '../../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  openDescriptors,
  startSession,
} from '../../support/serve-session.ts'

endSessionsAfterEach()

const address: fc.Arbitrary<Address> = fc
  .tuple(fc.ipV4(), fc.integer({ min: 0, max: 65_535 }))
  .map(([host, port]) => inetAddress(host, port))
const ends: fc.Arbitrary<HeaderEnds> = fc.record({ source: address, destination: address })
const header = fc.tuple(ends, fc.constantFrom(formatV1, formatV2)).map(([told, format]) => ({
  told,
  bytes: format(told),
}))

/** What nobody means well by: noise, and beginnings of headers that go on as noise. */
const hostile: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from('PROXY '),
      Buffer.from('PROXY TCP4 '),
      Buffer.from('PROXY TCP6 ::1 ::1 1 '),
      Buffer.from('GET / HTTP/1.1\r\n'),
      V2_SIGNATURE.subarray(0, 5),
      V2_SIGNATURE,
      Buffer.concat([V2_SIGNATURE, Buffer.from([0x21, 0x11])]),
      Buffer.concat([V2_SIGNATURE, Buffer.from([0x21, 0x31, 0xff, 0xff])]),
      Buffer.concat([V2_SIGNATURE, Buffer.from([0x21, 0x11, 0, 18, ...Array(12).fill(9), 0x20])]),
    ),
    fc.uint8Array({ maxLength: 400 }),
  )
  .map(([start, rest]) => Buffer.concat([start, rest]))

/** A stream that these come out of, one after the other. */
function streamOf(pieces: readonly Buffer[]): PassThrough {
  const stream = new PassThrough()
  for (const piece of pieces) stream.write(piece)
  return stream
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map(one => one % bytes.length).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

describe('takeHeader', () => {
  it('takes a header however it is cut, and nothing behind it', async () => {
    const cuts = fc.array(fc.nat(), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(header, cuts, fc.uint8Array(), async ({ told, bytes }, places, rest) => {
        const stream = streamOf(cut(Buffer.concat([bytes, rest]), places))
        expect((await takeHeader(stream)).ends).toEqual(told)
        stream.end()
        expect(await readAll(stream)).toEqual(Buffer.from(rest))
      }),
    )
  })

  it('is not content with a part of one', async () => {
    await fc.assert(
      fc.asyncProperty(header, fc.nat(), async ({ bytes }, place) => {
        const stream = streamOf([bytes.subarray(0, place % bytes.length)])
        stream.end()
        expect((await failureFrom(takeHeader(stream))).code).toBe('ERR_INCOMPLETE')
      }),
    )
  })

  it('fails in good order whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async bytes => {
        const stream = streamOf([bytes])
        stream.end()
        const taken = await takeHeader(stream).catch(error => error)
        if (taken instanceof Error) {
          expect(taken).toMatchObject({
            code: expect.stringMatching(/^ERR_(PROTOCOL|INCOMPLETE)$/),
          })
        } else expect(taken.facts).toBeTypeOf('object')
      }),
    )
  })
})

describe('a listener that is sent what is no header', () => {
  it('stays up, keeps nothing, and lets nobody in', async () => {
    const server = await startSession(echo(), {
      listen: { acceptProxy: true, handshakeMs: 300, admit: noStranger },
    })
    const before = openDescriptors()
    let count = 0
    await fc.assert(
      fc.asyncProperty(hostile, async bytes => {
        const client = await dialRaw(server.port)
        client.resume()
        client.end(bytes)
        await within(5000, 'its end', new Promise(resolve => client.once('close', resolve)))
        await server.event('refused', ++count)
      }),
      { numRuns: 100 },
    )
    expect(server.events.filter(one => one.event === 'open')).toEqual([])
    expect(openDescriptors()).toBe(before)
    const told = { source: inetAddress('10.0.0.7', 1), destination: inetAddress('10.0.0.1', 2) }
    const client = await dialRaw(server.port)
    client.end(Buffer.concat([formatV2(told), Buffer.from('hello')]))
    expect(String(await readAll(client))).toBe('hello')
  })
})

/** Noise can be a header by chance: it would have to name somebody who may in. */
function noStranger(remote: Address, _connection: unknown, isProxy = false): 'denied' | undefined {
  return isProxy || ('host' in remote && remote.host === '10.0.0.7') ? undefined : 'denied'
}
