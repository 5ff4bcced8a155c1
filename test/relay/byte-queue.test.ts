import { describe, expect, it } from 'vitest'
import { ByteQueue } from '../../src/relay/byte-queue.ts'

describe('ByteQueue', () => {
  it('gives back in order what it was given, and counts the bytes', () => {
    const queue = new ByteQueue()
    const taken: string[] = []
    for (let i = 0; i < 1000; i++) {
      queue.add(Buffer.from(`${i} `))
      if (i % 3 !== 0) taken.push(String(queue.take()))
    }
    const waiting = Array.from({ length: 1000 - taken.length }, (_, i) => `${taken.length + i} `)
    expect(queue.bytes).toBe(waiting.join('').length)
    for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(String(next))
    expect(taken).toEqual(Array.from({ length: 1000 }, (_, i) => `${i} `))
    expect(queue.bytes).toBe(0)
  })

  it('is empty after it was cleared', () => {
    const queue = new ByteQueue()
    queue.add(Buffer.from('x'))
    queue.clear()
    expect([queue.bytes, queue.take()]).toEqual([0, undefined])
  })
})
