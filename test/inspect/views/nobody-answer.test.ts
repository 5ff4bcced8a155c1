import { describe, expect, it } from 'vitest'
import type { BindTrial } from '../../../src/inspect/explain/bind-probe.ts'
import type { PortReport } from '../../../src/inspect/explain/report-types.ts'
import { nobodyAnswer } from '../../../src/inspect/views/nobody-answer.ts'
import { snapshot } from '../../support/records.ts'

/** Nothing was seen on port 8080; what came of binding it, as `127.0.0.1 in-use EADDRINUSE`. */
function answerOf(...trials: string[]): string {
  const report: PortReport = {
    kind: 'port',
    port: 8080,
    host: trials.length === 1 ? trials[0]?.split(' ')[0] : undefined,
    snapshot: snapshot([]),
    holders: [],
    isShadowed: false,
    isReusePort: false,
    clients: [],
    unclosed: 0,
    lingering: undefined,
    elsewhere: 0,
    isOwnPlace: true,
    trials: trials.map(text => {
      const [host = '', result, errno] = text.split(' ')
      return { host, result: result as BindTrial['result'], errno }
    }),
    unseen: [],
    candidates: [],
    otherNamespaces: [],
    otherOwners: undefined,
    firstUnprivileged: 1024,
    ephemeral: { first: 32_768, last: 60_999 },
  }
  return nobodyAnswer('Port 8080', report).answer
}

describe('nobodyAnswer', () => {
  it('promises what a bind has shown', () => {
    expect(answerOf('0.0.0.0 ok', ':: unsupported EAFNOSUPPORT')).toBe(
      'Nothing holds port 8080: a server can listen on it.',
    )
  })

  it.each([
    [['127.0.0.1 failed EMFILE'], 'this process is out of file descriptors (EMFILE)'],
    [['127.0.0.1 ok', '::1 failed EMFILE'], 'this process is out of file descriptors (EMFILE)'],
    [
      ['fe80::1 failed EINVAL'],
      'a link-local address needs its interface, as in fe80::1%eth0 (EINVAL)',
    ],
    [['127.0.0.1 failed EWHATEVER'], 'EWHATEVER'],
  ])('says that it could not be tried: %s', (trials, reason) => {
    expect(answerOf(...trials)).toBe(
      `Nothing is seen to hold port 8080, but whether a server can listen on it could not be tried: ${reason}.`,
    )
  })

  it.each([
    ['192.0.2.1 not-local EADDRNOTAVAIL', 'No interface of this machine has the address 192.0.2.1'],
    ['::1 unsupported EAFNOSUPPORT', 'This machine does not have the family of ::1'],
    ['127.0.0.1 in-use EADDRINUSE', 'Port 8080 is taken, though no table shows by whom'],
    ['127.0.0.1 denied EACCES', 'Nothing is seen to hold port 8080, but you may not listen on it'],
  ])('says why nothing can listen: %s', (trial, answer) => {
    expect(answerOf(trial)).toContain(answer)
  })
})
