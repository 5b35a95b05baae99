/**
 * Signs a JSON text (JAdES) and verifies it: node json.ts order.json signer.pem key.pem root.pem
 *
 * The key is a file here; what reaches yours takes its place in `signWith`, and gets the hash `prepared.dtbsr` alone.
 */
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { completeJades, prepareJades } from '@natsuin/ades/jades'
import { verifyJades } from '@natsuin/ades/validation'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { fromPem } from '@natsuin/pki/x509'

const [path = '', certificateFile = '', keyFile = '', rootFile = ''] = process.argv.slice(2)
const certificatesIn = (file: string) => fromPem('CERTIFICATE', readFileSync(file, 'utf8'))
const [signingCertificate = new Uint8Array(), ...chain] = certificatesIn(certificateFile)
const signWith = (data: Uint8Array) =>
  new Uint8Array(sign('sha256', data, createPrivateKey(readFileSync(keyFile))))

const payload = new Uint8Array(readFileSync(path))
const prepared = await prepareJades(
  { kind: 'attached', payload },
  {
    platform,
    signingCertificate,
    chain,
    signatureAlgorithm: 'ecdsa-sha256',
    signingTime: new Date(),
    contentType: 'application/json',
  },
)
const jws = await completeJades(prepared, signWith(prepared.signingInput), { platform })
writeFileSync(`${path}.jades.json`, jws)

const trust = { platform, trustAnchors: certificatesIn(rootFile), at: new Date() }
const [verdict] = await verifyJades(jws, trust)
console.log(verdict?.indication, verdict?.facts.level, verdict?.facts.signer)
