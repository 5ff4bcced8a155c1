import { describe, expect, it } from 'vitest'
import type { TcpInfo } from '../../../src/inspect/socket-details.ts'
import { readTcpInfo } from '../../../src/inspect/sources/tcp-info.ts'

/** The first bytes of a struct tcp_info of Linux 6.18, of which each holds its offset. */
function info(length: number, changes: Readonly<Record<number, number>> = {}): TcpInfo {
  const bytes = new DataView(new ArrayBuffer(1 + 280))
  for (let offset = 0; offset < 280; offset++) bytes.setUint8(1 + offset, offset % 128)
  for (const [offset, value] of Object.entries(changes)) bytes.setUint8(1 + Number(offset), value)
  return readTcpInfo({ bytes, start: 1, end: 1 + length })
}

/** Four bytes that hold their offset, on a little-endian machine. */
function at(offset: number): number {
  return [3, 2, 1, 0].reduce((sum, byte) => sum * 256 + ((offset + byte) % 128), 0)
}

describe.skipIf(new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)('readTcpInfo', () => {
  it.each([
    ['rtoUs', 8],
    ['atoUs', 12],
    ['sndMssBytes', 16],
    ['rcvMssBytes', 20],
    ['lastDataSentMs', 44],
    ['lastDataRecvMs', 52],
    ['lastAckRecvMs', 56],
    ['pmtuBytes', 60],
    ['rttUs', 68],
    ['rttVarUs', 72],
    ['sndCwnd', 80],
    ['totalRetrans', 100],
    ['segsOut', 136],
    ['notsentBytes', 144],
    ['minRttUs', 148],
    ['delivered', 192],
    ['rcvOoopack', 224],
    ['sndWndBytes', 228],
    ['rcvWndBytes', 232],
    ['rehash', 236],
    ['totalRtoTimeMs', 244],
  ] as const)('reads %s at %i, if it is all there', (name, offset) => {
    expect(info(280)[name]).toBe(at(offset))
    expect(info(offset + 4)[name]).toBe(at(offset))
    expect(info(offset + 3)[name]).toBeUndefined()
  })

  it.each([
    ['pacingRateBytesPerSecond', 104],
    ['bytesAcked', 120],
    ['bytesReceived', 128],
    ['deliveryRateBytesPerSecond', 160],
    ['busyTimeUs', 168],
    ['rwndLimitedUs', 176],
    ['sndbufLimitedUs', 184],
    ['bytesSent', 200],
    ['bytesRetrans', 208],
  ] as const)('reads the 64 bits of %s at %i, if they are all there', (name, offset) => {
    expect(info(offset + 8)[name]).toBe(at(offset + 4) * 2 ** 32 + at(offset))
    expect(info(offset + 7)[name]).toBeUndefined()
  })

  it('reads what is smaller than a byte', () => {
    expect(info(280, { 1: 4, 5: 0b100101, 6: 0x7a, 7: 1 })).toMatchObject({
      congestionAvoidance: 'loss',
      options: ['ts', 'wscale', 'fastopen'],
      sndWscale: 10,
      rcvWscale: 7,
      isAppLimited: true,
    })
    expect(info(280, { 1: 9 }).congestionAvoidance).toBeUndefined()
    expect(info(280, { 7: 6 }).isAppLimited).toBe(false)
    expect(info(160, { 7: 1 }).isAppLimited).toBeUndefined()
  })

  it('knows the values that stand for none', () => {
    const ones = (offset: number, length: number): Record<number, number> =>
      Object.fromEntries(Array.from({ length }, (_, index) => [offset + index, 0xff]))
    expect(info(280, { ...ones(76, 3), 79: 0x7f }).sndSsthresh).toBeUndefined()
    expect(info(280, { 76: 10, 77: 0, 78: 0, 79: 0 }).sndSsthresh).toBe(10)
    expect(info(280, ones(148, 4)).minRttUs).toBeUndefined()
    expect(info(280, ones(104, 8)).pacingRateBytesPerSecond).toBeUndefined()
  })

  it('knows nothing where there is nothing', () => {
    expect(new Set(Object.values(info(0)))).toEqual(new Set([undefined]))
  })
})
