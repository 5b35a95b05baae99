/** What an act means, for the person who is asked to approve it: an amendment by its changes, every other kind as rows. */
import type { Digest } from '@natsuin/pki/platform'
import { type Act, type ActKind, type ActOf, shortened } from '@natsuin/protocol/administration'
import type { SubjectAttributes } from '@natsuin/protocol/approval'
import type { Roster } from '@natsuin/protocol/genesis'
import type { BackupTerms } from '@natsuin/protocol/keys'
import type { Sentence } from '../../../../../faces/language.ts'
import { officerMessages } from '../officer/messages.ts'
import { actFields, actTitles } from './messages.ts'
import { type ShownChange, type ShownRow, shownChange } from './shown-change.ts'

type ShowAct<K extends ActKind> = (
  act: ActOf<K>,
  roster: Roster,
  digest: Digest,
) => Promise<readonly ShownChange[]>

const ACTS: { readonly [K in ActKind]: ShowAct<K> } = {
  amend: ({ changes }, roster, digest) =>
    Promise.all(changes.map(change => shownChange(change, roster, digest))),
  'rotate-master-key': async ({ kind, replaces, backup }, _, digest) => [
    {
      kind,
      title: actTitles[kind],
      about: '',
      rows: [
        { name: actFields.masterKey, before: replaces, after: actFields.newMasterKey },
        { name: actFields.signersKeys, after: actFields.keysStay },
        { name: actFields.destroyedKeys, after: actFields.keysEnd },
        ...(backup === undefined ? [] : await backupRows(backup, digest)),
      ],
    },
  ],
  'resume-after-restore': async ({ kind, restoredAt, stateSize, newestAt }) => [
    {
      kind,
      title: actTitles[kind],
      about: '',
      rows: [
        { name: actFields.restoredAt, after: timeOf(restoredAt * 1000) },
        { name: actFields.newestRecord, after: timeOf(newestAt) },
        { name: actFields.records, after: String(stateSize) },
        { name: actFields.lost, after: actFields.askAgain },
      ],
    },
  ],
  'request-certificates': async ({ kind, credentials }) =>
    credentials.map(({ credentialId, subject, publicKeyDigest }) => ({
      kind,
      title: actTitles[kind],
      about: subject.commonName,
      rows: [
        ...subjectRows(subject),
        { name: actFields.credential, after: credentialId },
        { name: actFields.key, after: shortened(publicKeyDigest) },
      ],
    })),
}

export function shownAct(act: Act, roster: Roster, digest: Digest): Promise<readonly ShownChange[]> {
  // Each place takes the acts of the kind under which it stands.
  const show = ACTS[act.kind] as ShowAct<ActKind>
  return show(act as never, roster, digest)
}

const ATTRIBUTES = [
  'commonName',
  'surname',
  'givenName',
  'serialNumber',
  'organizationName',
  'countryName',
] as const satisfies readonly (keyof SubjectAttributes)[]

const subjectRows = (subject: SubjectAttributes): readonly ShownRow[] =>
  ATTRIBUTES.flatMap(name => {
    const after = subject[name]
    return after === undefined ? [] : [{ name: officerMessages[name], after }]
  })

/** Custodians, each with the fingerprint of his key; who could put his own in its place would hold a share. */
async function backupRows(
  { threshold, custodians }: BackupTerms,
  digest: Digest,
): Promise<readonly ShownRow[]> {
  const named = custodians.map(
    async ({ id, publicKey }) => `${id} (${shortened(await digest.digest('sha256', publicKey))})`,
  )
  return [
    { name: actFields.custodians, after: (await Promise.all(named)).join(', ') },
    { name: actFields.threshold, after: String(threshold) },
  ]
}

const timeOf = (milliseconds: number): Sentence => {
  const date = new Date(milliseconds)
  return { ja: date.toLocaleString('ja'), en: date.toLocaleString('en') }
}
