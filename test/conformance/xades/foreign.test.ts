/**
 * Signatures that other people's software makes: other prefixes, white space, inclusive canonical forms, a default
 * namespace. xmlsec1 signs a template; we validate, raise and countersign what comes out, and it still finds it valid.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { completeXades, prepareXadesCounterSignature } from '@natsuin/ades/xades'
import { toBase64, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { verifiesByXmlsec1, xmlsec1 } from '@natsuin/testing/judges'
import { chain, NOW, root, signer } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { augment, levelsOf, verify } from './signing.ts'

const folder = temporaryFolder()
const inFolder = (name: string) => join(folder, name)
writeFileSync(inFolder('key.pem'), signer.privateKey)
writeFileSync(inFolder('root.der'), root.certificate.bytes)

const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const INCLUSIVE_11 = 'http://www.w3.org/2006/12/xml-c14n11'
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

const certDigest = toBase64(await platform.digest('sha256', signer.certificate.bytes))
const certificates = [signer.certificate.bytes, ...chain].map(der =>
  (toBase64(der).match(/.{1,64}/g) ?? []).join('\n'),
)

/** As another program would write it, the digests and the value left out. */
function template(method: string, parameter: string): string {
  const digest = `<DigestMethod Algorithm="${SHA256}"/>\n          <DigestValue></DigestValue>`
  const transform = `<Transform Algorithm="${method}">${parameter}</Transform>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<r:receipt xmlns:r="urn:receipt" xmlns:unused="urn:unused" xmlns="urn:other" xml:lang="ja">
  <r:total>1000</r:total>
  <Signature xmlns="http://www.w3.org/2000/09/xmldsig#" xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Id="theirs">
    <SignedInfo>
      <CanonicalizationMethod Algorithm="${method}">${parameter}</CanonicalizationMethod>
      <SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>
      <Reference Id="about" URI="">
        <Transforms>
          <Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
          ${transform}
        </Transforms>
        ${digest}
      </Reference>
      <Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#their-properties">
        <Transforms>${transform}</Transforms>
        ${digest}
      </Reference>
    </SignedInfo>
    <SignatureValue Id="their-value"></SignatureValue>
    <KeyInfo>
      <X509Data>
        ${certificates.map(text => `<X509Certificate>\n${text}\n</X509Certificate>`).join('\n        ')}
      </X509Data>
    </KeyInfo>
    <Object>
      <x:QualifyingProperties Target="#theirs">
        <x:SignedProperties Id="their-properties">
          <x:SignedSignatureProperties>
            <x:SigningTime>2026-06-01T21:00:00+09:00</x:SigningTime>
            <x:SigningCertificateV2><x:Cert><x:CertDigest>
              <DigestMethod Algorithm="${SHA256}"/>
              <DigestValue>${certDigest}</DigestValue>
            </x:CertDigest></x:Cert></x:SigningCertificateV2>
          </x:SignedSignatureProperties>
          <x:SignedDataObjectProperties>
            <x:DataObjectFormat ObjectReference="#about"><x:MimeType>text/xml</x:MimeType></x:DataObjectFormat>
          </x:SignedDataObjectProperties>
        </x:SignedProperties>
      </x:QualifyingProperties>
    </Object>
  </Signature>
</r:receipt>
`
}

type Edit = (template: string) => string

function signedByXmlsec1(method: string, parameter = '', edit: Edit = text => text): Uint8Array {
  const path = inFolder('template.xml')
  writeFileSync(path, edit(template(method, parameter)))
  const id = ['--id-attr:Id', 'http://uri.etsi.org/01903/v1.3.2#:SignedProperties']
  return utf8(xmlsec1('--sign', '--privkey-pem', inFolder('key.pem'), ...id, path))
}

async function assertHolds(signed: Uint8Array, level: string): Promise<void> {
  assert.deepEqual(await levelsOf(signed), [level])
  writeFileSync(inFolder('signed.xml'), signed)
  assert.ok(verifiesByXmlsec1(inFolder('signed.xml'), inFolder('root.der'), NOW))
}

const FORMS = {
  'Canonical XML 1.0': [INCLUSIVE, ''],
  'Canonical XML 1.1': [INCLUSIVE_11, ''],
  'Exclusive XML Canonicalization': [EXCLUSIVE, ''],
  'Exclusive XML Canonicalization with prefixes that are shown inclusively': [
    EXCLUSIVE,
    `<InclusiveNamespaces xmlns="${EXCLUSIVE}" PrefixList="#default unused r"/>`,
  ],
} as const

describe('a signature by xmlsec1', () => {
  for (const [name, [method, parameter]] of Object.entries(FORMS)) {
    it(`is valid, and lasts: ${name}`, async () => {
      const signed = signedByXmlsec1(method, parameter)
      await assertHolds(signed, 'B-B')
      const [verdict] = await verify(signed)
      assert.deepEqual(verdict?.facts.claimedSigningTime, NOW)
      for (const level of ['B-T', 'B-LT', 'B-LTA'] as const)
        await assertHolds(await augment(signed, level), level)
    })

    it(`is countersigned: ${name}`, async () => {
      const by = { signingCertificate: signer.certificate.bytes, chain, signatureAlgorithm: signer.algorithm }
      const options = { ...by, platform, signingTime: NOW }
      const prepared = await prepareXadesCounterSignature(signedByXmlsec1(method, parameter), options)
      const signed = await completeXades(prepared, signer.sign(prepared.signedInfo), { platform })
      await assertHolds(signed, 'B-B')
      const [verdict] = await verify(signed)
      const [counter] = verdict?.facts.counterSignatures ?? []
      assert.equal(counter?.indication, 'TOTAL-PASSED', counter && 'reason' in counter ? counter.reason : '')
    })
  }

  it('lasts where no transform says how the document becomes octets', async () => {
    const unsaid = (text: string) =>
      text.replace(/(enveloped-signature"\/>)\s*<Transform [^>]*><\/Transform>/, '$1')
    const signed = signedByXmlsec1(EXCLUSIVE, '', unsaid)
    assert.equal(Buffer.from(signed).toString().split('<Transform ').length - 1, 2)
    await assertHolds(await augment(signed, 'B-LTA'), 'B-LTA')
  })
})
