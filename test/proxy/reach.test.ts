import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../src/address.ts'
import { reachOf } from '../../src/proxy/reach.ts'
import { TargetList } from '../../src/proxy/target-list.ts'

/** Whether a proxy that others can use connects to this address of that name. */
function reaches(rules: readonly string[] | undefined, host: string, address: string): boolean {
  const targets = rules && new TargetList(rules)
  const mayReach = reachOf({ host, port: 80 }, { targets, sparesThisMachine: true })
  return mayReach?.(inetAddress(address, 80)) ?? true
}

describe('reachOf', () => {
  it('is everywhere where nothing is said', () => {
    expect(reachOf({ host: 'a', port: 80 }, {})).toBeUndefined()
  })

  it.each([
    // A name may lead anywhere; only where it led is judged.
    [undefined, 'a.example', '192.0.2.1', true],
    [undefined, 'a.example', '127.0.0.1', false],
    [undefined, '169.254.169.254', '169.254.169.254', false],
    // What is as good as everything does not name this machine.
    [[':80'], 'a.example', '192.0.2.1', true],
    [[':80'], 'a.example', '127.0.0.1', false],
    [['0.0.0.0/0', '::/0'], '127.0.0.1', '127.0.0.1', false],
    [['0.0.0.0/0'], '192.0.2.1', '192.0.2.1', true],
    // Who has a name below may have it lead anywhere.
    [['*.example'], 'a.example', '192.0.2.1', true],
    [['*.example'], 'a.example', '127.0.0.1', false],
    // These do.
    [['localhost:80'], 'localhost', '127.0.0.1', true],
    [['localhost:81'], 'localhost', '127.0.0.1', false],
    [['127.0.0.1:80'], 'localhost', '127.0.0.1', true],
    [['127.0.0.1:80'], '127.0.0.1', '127.0.0.1', true],
    [['127.0.0.0/8', ':80'], 'a.example', '127.0.0.1', true],
    [['10.0.0.0/8'], 'a.example', '127.0.0.1', false],
  ] as const)('with the rules %j: %s at %s: %s', (rules, host, address, isReached) => {
    expect(reaches(rules, host, address)).toBe(isReached)
  })
})
