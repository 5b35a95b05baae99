/** natsuin sign — sign a document with a key behind any program, at any level. */
import type { ByteSource } from '@natsuin/ades/pdf'
import type { Command } from '../command.ts'
import { AUTHORITY_HELP, parseDocumentArguments } from './arguments.ts'
import type { Format } from './formats.ts'
import { onDocument } from './on-document.ts'
import type { Progress } from './progress.ts'
import { signCms, signContainer } from './sign-cms.ts'
import { signJson } from './sign-json.ts'
import { signPdf } from './sign-pdf.ts'
import { SIGN_OPTIONS, type SignRequest, signRequestOf } from './sign-request.ts'
import { signXml } from './sign-xml.ts'

export const sign: Command = {
  name: 'sign',
  usage:
    '<document> [--format <format>] --certificate <pem> --sign-with <program> [--level <level>] [--tsa <url>]… [options]',
  help: `Signs a document. The key stays where it is: a program gets the hash on standard input and writes the signature
value to standard output.

  --format       pades (unless said otherwise): a PDF, by appending to it.
                 cades: any file, of any size, in a CMS signature.
                 asic: any file, of any size, in a container (ASiC-S) with its signature.
                 jades: any file, in a JSON signature.
                 xades: an XML document, in the document; any other file, in an XML signature
  --certificate  PEM file: the signing certificate first, then its chain
  --sign-with    the program, for the shell: "openssl pkeyutl -sign -inkey key.pem", or what reaches your key.
                 An Ed25519 key gets what is signed itself instead of a hash.
  --algorithm    where the key has a choice: rsa-pss-sha256 (unless said otherwise), rsa-sha256, …
  --level        B-B (unless said otherwise), B-T, B-LT or B-LTA
${AUTHORITY_HELP}
  --detached     cades, jades, xades: beside the file, which stays where it is; the signature names it
  --field        the signature field: an empty one, or a new one
  --reason, --location, --contact  what the signer says
  --text, --font, --image  show the signature: text in the glyphs of a TrueType file, a PNG or JPEG
  --page, --rectangle      where: the page, from 1 on, and left,bottom,right,top in points
  --output       the signed document; <document>-signed.pdf or .xml, <document>.p7m (.p7s
                 beside the file), .asics, .jades.json or .xades.xml unless said otherwise

Exit status: 0 signed, 1 refused with a reason, 2 wrong usage or a file that cannot be read.`,

  async run(args, terminal) {
    const { values, path } = parseDocumentArguments(args, SIGN_OPTIONS)
    const request = await signRequestOf(values, path)
    return onDocument(path, terminal, async (document, progress) => {
      const output = await SIGNERS[request.format](document, request, progress)
      return `✔ Signed at level ${request.level}: ${output}`
    })
  },
}

type Signer = (document: ByteSource, request: SignRequest, progress: Progress) => Promise<string>

const SIGNERS: Readonly<Record<Format, Signer>> = {
  pades: signPdf,
  cades: signCms,
  jades: signJson,
  xades: signXml,
  asic: signContainer,
}
