import { describe, expect, it } from 'vitest'
import { readFreeTarget } from '../../../../../src/cli/commands/inspect/free/target.ts'
import type { InspectFlags } from '../../../../../src/cli/commands/inspect/question.ts'

const flags: InspectFlags = { header: true, bind: true, color: 'auto' }
const read = (words: readonly string[], more: Partial<InspectFlags> = {}) =>
  readFreeTarget(words, { ...flags, ...more })

describe('readFreeTarget', () => {
  it('takes ports in every spelling, each once, and paths', () => {
    expect(read(['3000', ':5173,3000', '8000-8002', 'unix:/tmp/a.sock'])).toEqual({
      ports: [3000, 5173, 8000, 8001, 8002],
      paths: ['/tmp/a.sock'],
    })
    expect(read(['unix:///tmp/a.sock', 'unix:/tmp/../tmp/a.sock']).paths).toEqual(['/tmp/a.sock'])
    expect(read(['/tmp/a.sock', '8080']).paths).toEqual(['/tmp/a.sock'])
    expect(read([], { port: [[{ first: 80, last: 80 }]] }).ports).toEqual([80])
  })

  it.each<[string, readonly string[], Partial<InspectFlags>, RegExp]>([
    ['nothing', [], {}, /^--free needs a port$/],
    ['too many', ['1-100'], {}, /^--free takes at most 32 ports, not 100$/],
    ['what is no port', ['node'], {}, /"node" is not a port/],
    ['a name without a file', ['unix:@app'], {}, /has no file/],
    ['an abstract name', ['@app'], {}, /has no file/],
    ['no path', ['unix:'], {}, /a path is missing/],
    ['another choice', ['80'], { pid: [1] }, /no other choice goes with it/],
    ['another namespace', ['80'], { netns: 'blue' }, /its own network namespace only/],
    ['a container', ['80'], { container: 'web' }, /not in containers/],
    ['another /proc', ['80'], { proc: '/tmp' }, /--proc does not go with it/],
  ])('refuses %s', (_, words, more, message) => {
    expect(() => read(words, more)).toThrow(message)
  })
})
