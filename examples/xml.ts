/**
 * Signs an XML document (XAdES) inside it and verifies it: node xml.ts order.xml signer.pem key.pem root.pem
 *
 * The key is a file here; what reaches yours takes its place in `signWith`, and gets the hash `prepared.dtbsr` alone.
 */
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { verifyXades } from '@natsuin/ades/validation/xades'
import { completeXades, prepareXades } from '@natsuin/ades/xades'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { fromPem } from '@natsuin/pki/x509'

const [path = '', certificateFile = '', keyFile = '', rootFile = ''] = process.argv.slice(2)
const certificatesIn = (file: string) => fromPem('CERTIFICATE', readFileSync(file, 'utf8'))
const [signingCertificate = new Uint8Array(), ...chain] = certificatesIn(certificateFile)
const signWith = (data: Uint8Array) =>
  new Uint8Array(sign('sha256', data, createPrivateKey(readFileSync(keyFile))))

const document = new Uint8Array(readFileSync(path))
const prepared = await prepareXades(
  { packaging: 'enveloped', document },
  {
    platform,
    signingCertificate,
    chain,
    signatureAlgorithm: 'ecdsa-sha256',
    signingTime: new Date(),
  },
)
const signed = await completeXades(prepared, signWith(prepared.signedInfo), { platform })
writeFileSync(path.replace(/\.xml$/, '-signed.xml'), signed)

const trust = { platform, trustAnchors: certificatesIn(rootFile), at: new Date() }
const [verdict] = await verifyXades(signed, trust)
console.log(verdict?.indication, verdict?.facts.level, verdict?.facts.signer)
