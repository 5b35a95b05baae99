/**
 * Signs any file (CAdES) beside it and verifies it: node any-file.ts report.txt signer.pem key.pem root.pem
 *
 * The file is read in pieces, however long it is. The key is a file here; what reaches yours takes its place in
 * `signWith`, and gets the hash `prepared.dtbsr` alone.
 */
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { completeCades, prepareCades } from '@natsuin/ades/cades'
import { openFileSource } from '@natsuin/ades/node'
import { bytesSource } from '@natsuin/ades/pdf'
import { verifyCades } from '@natsuin/ades/validation'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { fromPem } from '@natsuin/pki/x509'

const [path = '', certificateFile = '', keyFile = '', rootFile = ''] = process.argv.slice(2)
const certificatesIn = (file: string) => fromPem('CERTIFICATE', readFileSync(file, 'utf8'))
const [signingCertificate = new Uint8Array(), ...chain] = certificatesIn(certificateFile)
const signWith = (data: Uint8Array) =>
  new Uint8Array(sign('sha256', data, createPrivateKey(readFileSync(keyFile))))

const content = await openFileSource(path)
const prepared = await prepareCades(content, {
  platform,
  signingCertificate,
  chain,
  signatureAlgorithm: 'ecdsa-sha256',
  signingTime: new Date(),
})
const signature = await completeCades(prepared, signWith(prepared.signedAttributes), { platform })
writeFileSync(`${path}.p7s`, signature)

const trust = { platform, trustAnchors: certificatesIn(rootFile), at: new Date() }
const [verdict] = await verifyCades(bytesSource(signature), { ...trust, content })
console.log(verdict.indication, verdict.facts.level, verdict.facts.signer)
await content.close()
