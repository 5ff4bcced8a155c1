import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { canAsk, confirm } from '../../src/cli/confirm.ts'
import { fakeContext } from '../support/context.ts'

describe('confirm', () => {
  it.each([
    ['y\n', true],
    ['Yes\r\n', true],
    [' y \n', true],
    ['\n', false],
    ['n\n', false],
    ['yeah\n', false],
    ['', false],
  ])('takes %j for %s', async (typed, expected) => {
    const context = fakeContext({ stdin: typed })
    expect(await confirm('Stop it?', context)).toBe(expected)
    expect(context.stderr.text).toBe(typed === '' ? 'Stop it? [y/N] \n' : 'Stop it? [y/N] ')
  })

  it('leaves what was typed behind the answer to the next question', async () => {
    const context = fakeContext({ stdin: 'y\nn\n' })
    expect(await confirm('One?', context)).toBe(true)
    expect(await confirm('Two?', context)).toBe(false)
  })

  it('asks a second time of a terminal that was silent in between', async () => {
    const stdin = new PassThrough()
    const context = fakeContext({ stdin })
    const one = confirm('One?', context)
    stdin.write('y\n')
    expect(await one).toBe(true)
    expect(stdin.isPaused()).toBe(true)
    const two = confirm('Two?', context)
    stdin.write('y\n')
    expect(await two).toBe(true)
  })
})

describe('canAsk', () => {
  it('needs a terminal to read from and one to write to', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    expect(canAsk(fakeContext({ stdin: terminal, columns: 80 }))).toBe(true)
    expect(canAsk(fakeContext({ stdin: terminal }))).toBe(false)
    expect(canAsk(fakeContext({ columns: 80 }))).toBe(false)
  })
})
