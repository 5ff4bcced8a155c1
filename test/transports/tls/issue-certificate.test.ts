import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { formatName, namesOf } from '../../../src/transports/tls/certificate.ts'
import { certificateFor } from '../../support/certificates.ts'

describe('issueCertificate', () => {
  it('makes a CA that can issue no other CA, and a certificate that can issue none', async () => {
    const { cert, ca, key, fingerprint } = await certificateFor(['a.example', '::1'])
    const [leaf, authority] = [new X509Certificate(cert), new X509Certificate(ca)]
    expect([leaf.ca, authority.ca]).toEqual([false, true])
    expect(leaf.checkIssued(authority)).toBe(true)
    expect(leaf.verify(authority.publicKey)).toBe(true)
    expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(authority.checkPrivateKey(createPrivateKey(key))).toBe(false)
    expect(leaf.fingerprint256).toBe(fingerprint)
    expect(cert.endsWith(ca)).toBe(true)
    expect(namesOf(leaf)).toEqual(['a.example', '::1'])
    expect(formatName(leaf.subject)).toBe('CN=a.example')
  })

  it('gives each CA a name of its own', async () => {
    const [one, other] = await Promise.all([certificateFor(), certificateFor()])
    expect(new X509Certificate(one.ca).subject).not.toBe(new X509Certificate(other.ca).subject)
  })
})
