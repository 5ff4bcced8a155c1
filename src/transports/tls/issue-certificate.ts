import { webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

export interface CertificateRequest {
  /** The names and addresses that it is for; the first one is its subject. */
  readonly names: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  /** What it may be used for. Default: servers. */
  readonly usage?: 'server' | 'client' | undefined
}

export interface IssuedCertificate {
  /** The certificate, and after it that of its CA, in PEM. */
  readonly cert: string
  /** Its private key, in PEM (PKCS #8). */
  readonly key: string
  /** The certificate of the CA, in PEM: what a client has to trust. */
  readonly ca: string
  /** SHA-256 of the certificate, as openssl-x509(1) writes it. */
  readonly fingerprint: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * Makes a CA and has it issue one certificate (RFC 5280). The key of the CA is forgotten at once: it
 * can issue no other.
 */
export async function issueCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  // What issues certificates asks it for the types of its classes.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const { names, notBefore, notAfter, usage = 'server' } = request
  const authority = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  // Of several that are trusted at a time each has to have a name of its own.
  const issuer = [{ CN: [`sockctl CA ${webcrypto.randomUUID().slice(0, 8)}`] }]
  const ca = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: issuer,
      keys: authority,
      signingAlgorithm: ALGORITHM,
      notBefore,
      notAfter,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: [names[0] ?? 'localhost'] }],
      issuer,
      publicKey: own.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore,
      notAfter,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage[usage === 'server' ? 'serverAuth' : 'clientAuth'],
        ]),
        new x509.SubjectAlternativeNameExtension(
          names.map(name => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
        await x509.SubjectKeyIdentifierExtension.create(own.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const caText = `${ca.toString('pem')}\n`
  const cert = `${certificate.toString('pem')}\n`
  return {
    // Whoever does not trust the CA can be told that this is what is missing.
    cert: cert + caText,
    key: await exportKey(own.privateKey),
    ca: caText,
    fingerprint: new X509Certificate(cert).fingerprint256,
  }
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  const lines = der.match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}
