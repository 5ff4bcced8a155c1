import { describe, expect, it } from 'vitest'
import { inspectThere, runThere } from '../../../src/inspect/views/next-place.ts'
import { record } from '../../support/records.ts'

describe('inspectThere', () => {
  it.each([
    ['--port 80', {}, 'sockctl inspect --port 80'],
    ['', {}, 'sockctl inspect'],
    ['', { netns: 'all' }, 'sockctl inspect --netns all'],
    ['-xlp', { netns: 'a b', proc: '/copy' }, "sockctl inspect -xlp --netns 'a b' --proc /copy"],
  ])('asks "%s" of %j', (words, place, command) => {
    expect(inspectThere(words, { netns: undefined, proc: undefined, ...place })).toBe(command)
  })
})

describe('runThere', () => {
  const free = 'sockctl inspect 80 --free'

  it('leaves a command alone that works here', () => {
    const own = record({ netns: { inode: 1, name: undefined } })
    expect(runThere(free, [record(), own], { pid: 7, uid: 1000 })).toBe(free)
  })

  it('enters another network namespace, which takes root', () => {
    const other = record({ netns: { inode: 2, name: 'blue' } })
    expect(runThere(free, [other], { pid: 7, uid: 0 })).toBe(`nsenter -t 7 -n ${free}`)
    expect(runThere(free, [other], { pid: 7, uid: 1000 })).toBe(
      `sudo env "PATH=$PATH" nsenter -t 7 -n ${free}`,
    )
  })
})
