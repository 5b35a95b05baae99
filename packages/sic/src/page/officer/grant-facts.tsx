/** What is vouched for, as both officers read it before they do. */
import { toHex } from '@natsuin/pki/encoding'
import type { EnrolmentGrant, SubjectAttributes } from '@natsuin/protocol/approval'
import { Fragment } from 'preact'
import { useLanguage, useSay } from '../../../../../faces/frame.tsx'
import { officerMessages as words } from './messages.ts'

const ATTRIBUTES = [
  'commonName',
  'givenName',
  'surname',
  'serialNumber',
  'organizationName',
  'countryName',
] as const satisfies readonly (keyof SubjectAttributes)[]

export function GrantFacts({ grant }: { grant: EnrolmentGrant }) {
  const say = useSay()
  const language = useLanguage()
  const { subject, proofing, credentialClass, replaces, notAfter } = grant
  const level = words.levels[proofing.level]
  return (
    <section class="sheet" aria-labelledby="person">
      <h2 id="person">{say(words.personHeading)}</h2>
      <dl class="facts">
        {ATTRIBUTES.filter(name => subject[name] !== undefined).map(name => (
          <Fragment key={name}>
            <dt>{say(words[name])}</dt>
            <dd class={name === 'commonName' ? 'principal' : ''}>
              <bdi>{subject[name]}</bdi>
            </dd>
          </Fragment>
        ))}
        <dt>{say(words.classId)}</dt>
        <dd>{credentialClass}</dd>
        <dt>{say(words.method)}</dt>
        <dd>{proofing.method}</dd>
        <dt>{say(words.proofingLevel)}</dt>
        <dd>{level === undefined ? proofing.level : say(level)}</dd>
        <dt>{say(words.completedOn)}</dt>
        <dd>{new Date(proofing.completedAt * 1000).toLocaleDateString(language)}</dd>
        <dt>{say(words.evidenceDigest)}</dt>
        <dd>
          <code class="digest">{toHex(proofing.evidenceDigest)}</code>
        </dd>
        {replaces !== undefined && (
          <>
            <dt>{say(words.replaces)}</dt>
            <dd>{replaces}</dd>
          </>
        )}
        <dt>{say(words.until)}</dt>
        <dd>{new Date(notAfter * 1000).toLocaleString(language)}</dd>
      </dl>
      {replaces !== undefined && <p class="quiet">{say(words.replacesNote)}</p>}
    </section>
  )
}
