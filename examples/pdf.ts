/**
 * Signs a PDF (PAdES) and verifies it: node pdf.ts contract.pdf signer.pem key.pem root.pem
 *
 * The signed document is written beside the original. The key is a file here; what reaches yours takes its place in
 * `signWith`, and gets the hash `prepared.dtbsr` alone.
 */
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { completePades, preparePades } from '@natsuin/ades/pades'
import { bytesSource } from '@natsuin/ades/pdf'
import { verifyPades } from '@natsuin/ades/validation'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { fromPem } from '@natsuin/pki/x509'

const [path = '', certificateFile = '', keyFile = '', rootFile = ''] = process.argv.slice(2)
const certificatesIn = (file: string) => fromPem('CERTIFICATE', readFileSync(file, 'utf8'))
const [signingCertificate = new Uint8Array(), ...chain] = certificatesIn(certificateFile)
const signWith = (data: Uint8Array) =>
  new Uint8Array(sign('sha256', data, createPrivateKey(readFileSync(keyFile))))

const original = new Uint8Array(readFileSync(path))
const prepared = await preparePades(bytesSource(original), {
  platform,
  signingCertificate,
  chain,
  signatureAlgorithm: 'ecdsa-sha256',
  signingTime: new Date(),
  withTimeStamp: false,
})
const update = await completePades(prepared, signWith(prepared.signedAttributes), { platform })
const signed = new Uint8Array([...original, ...update])
writeFileSync(path.replace(/\.pdf$/, '-signed.pdf'), signed)

const trustAnchors = certificatesIn(rootFile)
const verdict = await verifyPades(bytesSource(signed), { platform, trustAnchors, at: new Date() })
console.log(verdict.indication, verdict.facts.level, verdict.facts.signer)
