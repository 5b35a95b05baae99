/**
 * Many documents of one approval: in groups, those that need attention first; searched by name, opened one by one.
 *
 * All rows are in the page, so that searching in it, keyboards and screen readers reach each of them; what is out of
 * sight is not laid out (`content-visibility`), which keeps a thousand of them light.
 */
import { Component } from 'preact'
import { useCallback, useMemo, useRef, useState } from 'preact/hooks'
import { useSay } from '../../../../faces/frame.tsx'
import { LOOKS } from './item-look.tsx'
import { ItemReader } from './item-reader.tsx'
import { messages } from './messages.ts'
import { countByGroup, groups, type ItemGroup, type ShownItem, searchItems } from './shown-item.ts'
import type { Documents } from './use-documents.ts'
import { useNumber } from './use-number.ts'

export function ItemList({ items, documents }: { items: readonly ShownItem[]; documents: Documents }) {
  const [typed, setTyped] = useState('')
  const [only, setOnly] = useState<ItemGroup>()
  const [reading, setReading] = useState<number>()
  const found = useMemo(() => searchItems(items, typed), [items, typed])
  const listed = groups
    .filter(group => only === undefined || group === only)
    .map(group => ({ group, rows: found.filter(one => one.group === group) }))
    .filter(({ rows }) => rows.length > 0)
  return (
    <div class="many">
      <Tools
        items={items}
        typed={typed}
        onType={setTyped}
        only={only}
        onOnly={setOnly}
        found={found.length}
      />
      <Rows listed={listed} onOpen={setReading} />
      {reading !== undefined && (
        <ItemReader
          index={reading}
          order={listed.flatMap(({ rows }) => rows)}
          items={items}
          documents={documents}
          onRead={setReading}
        />
      )}
    </div>
  )
}

interface ToolsProps {
  readonly items: readonly ShownItem[]
  readonly typed: string
  readonly onType: (typed: string) => void
  readonly only: ItemGroup | undefined
  readonly onOnly: (group: ItemGroup | undefined) => void
  readonly found: number
}

function Tools({ items, typed, onType, only, onOnly, found }: ToolsProps) {
  const say = useSay()
  const number = useNumber()
  const counts = countByGroup(items)
  const present = groups.filter(group => counts[group] > 0)
  return (
    <div class="tools">
      <label class="search">
        <span class="unseen-text">{say(messages.search)}</span>
        <input
          type="search"
          id="search"
          placeholder={say(messages.search)}
          value={typed}
          onInput={event => onType(event.currentTarget.value)}
        />
      </label>
      <fieldset class="filters">
        <legend class="unseen-text">{say(messages.filter)}</legend>
        <Filter
          name={say(messages.all)}
          count={number(items.length)}
          on={only === undefined}
          onClick={() => onOnly(undefined)}
        />
        {present.map(group => (
          <Filter
            key={group}
            name={say(LOOKS[group].name)}
            count={number(counts[group])}
            on={only === group}
            onClick={() => onOnly(only === group ? undefined : group)}
          />
        ))}
      </fieldset>
      <p class="unseen-text" role="status">
        {typed === '' ? '' : say(messages.foundCount)(number(found))}
      </p>
    </div>
  )
}

interface FilterProps {
  readonly name: string
  readonly count: string
  readonly on: boolean
  readonly onClick: () => void
}

function Filter({ name, count, on, onClick }: FilterProps) {
  return (
    <button type="button" class="filter" aria-pressed={on} onClick={onClick}>
      {name} <span class="count">{count}</span>
    </button>
  )
}

interface RowsProps {
  readonly listed: readonly { readonly group: ItemGroup; readonly rows: readonly ShownItem[] }[]
  readonly onOpen: (index: number) => void
}

/** Where each key goes among the rows, from the one that has the focus. */
const STEPS: Readonly<Record<string, (at: number, of: number) => number>> = {
  ArrowDown: at => at + 1,
  ArrowUp: at => at - 1,
  PageDown: at => at + 10,
  PageUp: at => at - 10,
  Home: () => 0,
  End: (_at, of) => of - 1,
}

function Rows({ listed, onOpen }: RowsProps) {
  const say = useSay()
  const number = useNumber()
  const list = useRef<HTMLDivElement>(null)
  const first = listed[0]?.rows[0]?.index
  const [focused, setFocused] = useState<number>()
  const present = listed.some(({ rows }) => rows.some(({ index }) => index === focused))
  const move = useCallback((event: KeyboardEvent & { readonly currentTarget: HTMLElement }) => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
    const at = rows.indexOf(event.currentTarget)
    const to = at < 0 ? undefined : STEPS[event.key]?.(at, rows.length)
    if (to === undefined) return
    event.preventDefault()
    rows[Math.min(rows.length - 1, Math.max(0, to))]?.focus()
  }, [])
  return (
    <div class="rows" ref={list}>
      {listed.length === 0 && <p class="quiet none">{say(messages.foundNone)}</p>}
      {listed.map(({ group, rows }) => (
        <section key={group} aria-labelledby={`group-${group}`} data-group={group}>
          <h3 id={`group-${group}`}>
            {say(LOOKS[group].name)} <span class="count">{number(rows.length)}</span>
          </h3>
          <ol>
            {rows.map(({ index, item }) => (
              <Row
                key={index}
                index={index}
                label={item.label}
                group={group}
                status={say(LOOKS[group].name)}
                // One stop for the tab key; the arrows go on from there.
                reachable={index === (present ? focused : first)}
                onOpen={onOpen}
                onFocus={setFocused}
                onKey={move}
              />
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}

interface RowProps {
  readonly index: number
  readonly label: string
  readonly group: ItemGroup
  readonly status: string
  readonly reachable: boolean
  readonly onOpen: (index: number) => void
  readonly onFocus: (index: number) => void
  readonly onKey: (event: KeyboardEvent & { readonly currentTarget: HTMLElement }) => void
}

/** Drawn again only when something about it has changed. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const now = this.props
    return (['label', 'group', 'status', 'reachable'] as const).some(name => now[name] !== next[name])
  }

  override render({ index, label, group, status, reachable, onOpen, onFocus, onKey }: RowProps) {
    const { colour, sign } = LOOKS[group]
    return (
      <li data-basis={group}>
        <button
          type="button"
          data-row={index}
          tabIndex={reachable ? 0 : -1}
          onClick={() => onOpen(index)}
          onFocus={() => onFocus(index)}
          onKeyDown={onKey}
        >
          <span class={`mark ${colour}`} aria-hidden="true">
            {sign}
          </span>
          <bdi class="label">{label}</bdi>
          <span class="unseen-text">{status}</span>
          <span class="go" aria-hidden="true">
            ›
          </span>
        </button>
      </li>
    )
  }
}
