/** The canonicalisation methods by the URIs that name them (XMLDSig 1.1, 6.5; RFC 9231, 2.4). */
import type { CanonicalForm, Canonicalisation } from './canonicalise.ts'

const FORMS: Readonly<Record<CanonicalForm, readonly [plain: string, withComments: string]>> = {
  c14n: [
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
  ],
  c14n11: ['http://www.w3.org/2006/12/xml-c14n11', 'http://www.w3.org/2006/12/xml-c14n11#WithComments'],
  'exc-c14n': [
    'http://www.w3.org/2001/10/xml-exc-c14n#',
    'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  ],
}

/** The URI by which XML signatures name the algorithm. */
export function uriOfCanonicalisation({ form, withComments }: Canonicalisation): string {
  return FORMS[form][withComments ? 1 : 0]
}

/** `undefined` for any other URI. */
export function canonicalisationOf(uri: string): Canonicalisation | undefined {
  for (const [form, [plain, withComments]] of Object.entries(FORMS) as [
    CanonicalForm,
    readonly [string, string],
  ][]) {
    if (uri === plain) return { form, withComments: false }
    if (uri === withComments) return { form, withComments: true }
  }
  return undefined
}
