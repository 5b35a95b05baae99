/** The form of a grant. */
import { browserPlatform } from '@natsuin/pki/browser'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import type { ComponentChildren } from 'preact'
import { useSay } from '../../../../../faces/frame.tsx'
import type { Sentence } from '../../../../../faces/language.ts'
import type { FormField, GrantForm } from './grant-form.ts'
import { officerMessages as words } from './messages.ts'
import { digestOfFile } from './vouching.ts'

interface GrantFieldsProps {
  readonly form: GrantForm
  readonly classes: readonly CredentialClass[]
  /** The field that cannot stay as it is. */
  readonly wrong: FormField | undefined
  readonly onChange: (form: GrantForm) => void
}

const PERSON = [
  'commonName',
  'surname',
  'givenName',
  'serialNumber',
  'organizationName',
  'countryName',
] as const

export function GrantFields({ form, classes, wrong, onChange }: GrantFieldsProps) {
  const say = useSay()
  const text = (field: TextField, note?: Sentence) => (
    <Field key={field} name={field} wrong={wrong} note={note}>
      <input
        id={field}
        aria-invalid={wrong === field}
        value={form[field]}
        onInput={event => onChange({ ...form, [field]: event.currentTarget.value })}
      />
    </Field>
  )
  const chosen = (field: TextField, options: readonly (readonly [string, string])[]) => (
    <Field name={field} wrong={wrong}>
      <select
        id={field}
        aria-invalid={wrong === field}
        value={form[field]}
        onChange={event => onChange({ ...form, [field]: event.currentTarget.value })}
      >
        {options.map(([value, says]) => (
          <option key={value} value={value}>
            {says}
          </option>
        ))}
      </select>
    </Field>
  )
  const take = async (file: Blob | undefined) =>
    onChange({ ...form, evidenceDigest: file && (await digestOfFile(file, browserPlatform)) })
  return (
    <>
      <section class="sheet" aria-labelledby="person">
        <h2 id="person">{say(words.personHeading)}</h2>
        {PERSON.map(field => text(field))}
      </section>
      <section class="sheet" aria-labelledby="proofing">
        <h2 id="proofing">{say(words.proofingHeading)}</h2>
        {text('method')}
        {chosen(
          'proofingLevel',
          words.levels.map((level, at) => [String(at), say(level)]),
        )}
        <Field name="completedOn" wrong={wrong}>
          <input
            id="completedOn"
            type="date"
            aria-invalid={wrong === 'completedOn'}
            value={form.completedOn}
            onInput={event => onChange({ ...form, completedOn: event.currentTarget.value })}
          />
        </Field>
        <Field name="evidenceDigest" wrong={wrong} note={words.evidenceNote}>
          <input
            id="evidenceDigest"
            type="file"
            aria-invalid={wrong === 'evidenceDigest'}
            onChange={event => take(event.currentTarget.files?.[0])}
          />
        </Field>
      </section>
      <section class="sheet" aria-labelledby="invitation">
        <h2 id="invitation">{say(words.invitationHeading)}</h2>
        {chosen(
          'classId',
          classes.map(({ id }) => [id, id]),
        )}
        {text('hours')}
        {text('replaces', words.replacesNote)}
      </section>
    </>
  )
}

type TextField = Exclude<FormField, 'evidenceDigest'>

interface FieldProps {
  readonly name: FormField
  readonly wrong: FormField | undefined
  readonly note?: Sentence | undefined
  readonly children: ComponentChildren
}

function Field({ name, wrong, note, children }: FieldProps) {
  const say = useSay()
  return (
    <label class="field" htmlFor={name}>
      <span>{say(words[name])}</span>
      {children}
      {wrong === name && <strong role="alert">{say(words.wrong)}</strong>}
      {note && <span class="quiet">{say(note)}</span>}
    </label>
  )
}
