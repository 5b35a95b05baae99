/** A key with its certificates in files, in the forms that other programs read. */
import { createPrivateKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toPem } from '@natsuin/pki/x509'
import { issuing, root, signer } from '@natsuin/testing/pki'

/** `key` and `signer`, `issuing`, `root`, each as `.pem` and `.der`; `chain.pem` has the last two. */
export function layDownKey(folder: string): void {
  const write = (name: string, content: Uint8Array | string) => writeFileSync(join(folder, name), content)
  write('key.pem', signer.privateKey)
  write('key.der', createPrivateKey(signer.privateKey).export({ format: 'der', type: 'pkcs8' }))
  for (const [name, { certificate }] of Object.entries({ signer, issuing, root })) {
    write(`${name}.der`, certificate.bytes)
    write(`${name}.pem`, toPem('CERTIFICATE', certificate.bytes))
  }
  write(
    'chain.pem',
    [issuing, root].map(({ certificate }) => toPem('CERTIFICATE', certificate.bytes)).join(''),
  )
}
