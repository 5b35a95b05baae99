/** The API of this server, to be browsed: what `/csc/v1/openapi.json` and `/csc/v2/openapi.json` say, for people. */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Frame, Speaking, useSay } from '../../../../faces/frame.tsx'
import { messages } from '../messages.ts'
import { type ApiDocument, operationsOf } from './document.ts'
import { OperationSheet } from './operation-sheet.tsx'

const EDITIONS = ['v2', 'v1'] as const
type Edition = (typeof EDITIONS)[number]

const addressOf = (edition: Edition) => `/csc/${edition}/openapi.json`

async function fetchDocument(edition: Edition): Promise<ApiDocument> {
  const answer = await fetch(addressOf(edition))
  if (!answer.ok) throw new Error(`${answer.status}`)
  return (await answer.json()) as ApiDocument // of this server, by its own table
}

function ApiPage() {
  const say = useSay()
  const [edition, choose] = useState<Edition>('v2')
  const [document, setDocument] = useState<ApiDocument>()
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    setFailed(false)
    fetchDocument(edition).then(setDocument, () => setFailed(true))
  }, [edition])
  return (
    <Frame title={messages.apiTitle} lead={messages.apiLead} foot={messages.foot}>
      <div class="acts editions">
        {EDITIONS.map(one => (
          <button key={one} type="button" aria-pressed={one === edition} onClick={() => choose(one)}>
            CSC API {one}
          </button>
        ))}
      </div>
      <p class="aside">
        <a href={addressOf(edition)}>{say(messages.apiDocument)}</a>
      </p>
      {failed && (
        <section class="notice bad" role="alert">
          <p>{say(messages.apiFailed)}</p>
        </section>
      )}
      {document && <Operations document={document} />}
    </Frame>
  )
}

function Operations({ document }: { document: ApiDocument }) {
  return document.tags
    .map(tag => ({ tag, operations: operationsOf(document, tag.name) }))
    .filter(({ operations }) => operations.length > 0)
    .map(({ tag: { name, description }, operations }) => (
      <section key={name} class="api">
        <h2>{name}</h2>
        <p class="quiet" lang="en">
          {description}
        </p>
        {operations.map(listed => (
          <OperationSheet key={listed.operation.operationId} document={document} listed={listed} />
        ))}
      </section>
    ))
}

const root = document.getElementById('page')
if (root !== null) {
  render(
    <Speaking>
      <ApiPage />
    </Speaking>,
    root,
  )
}
