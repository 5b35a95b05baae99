/** The frame of every page: the seal, what the page is for, the switch of languages. */
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useMemo, useState } from 'preact/hooks'
import { type Language, languages, preferredLanguage, type Sentence } from './language.ts'

export type Say = <T>(sentence: Sentence<T>) => T

interface Speech {
  readonly language: Language
  readonly speak: (language: Language) => void
}

const SpeechContext = createContext<Speech>({ language: 'en', speak: () => undefined })

/** Gives everything inside it the reader's language. */
export function Speaking({ children }: { children: ComponentChildren }) {
  const [language, speak] = useState(() => preferredLanguage(navigator.languages))
  useEffect(() => document.documentElement.setAttribute('lang', language), [language])
  const speech = useMemo(() => ({ language, speak }), [language])
  return <SpeechContext.Provider value={speech}>{children}</SpeechContext.Provider>
}

export function useLanguage(): Language {
  return useContext(SpeechContext).language
}

/** `say(sentence)` is the sentence in the reader's language. */
export function useSay(): Say {
  const { language } = useContext(SpeechContext)
  return sentence => sentence[language]
}

interface FrameProps {
  /** Title of the window and heading of the page. */
  readonly title: Sentence
  readonly lead?: Sentence | undefined
  readonly foot?: Sentence | undefined
  readonly children?: ComponentChildren
}

export function Frame({ title, lead, foot, children }: FrameProps) {
  const say = useSay()
  useEffect(() => {
    document.title = `${say(title)} · Natsuin`
  }, [say(title)])
  return (
    <>
      <header class="masthead">
        <span class="brand">
          <Seal />
          Natsuin
        </span>
        <LanguageSwitch />
      </header>
      <main>
        <h1>{say(title)}</h1>
        {lead && <p class="lead">{say(lead)}</p>}
        {children}
      </main>
      {foot && <footer>{say(foot)}</footer>}
    </>
  )
}

const NAMES: Sentence = { ja: '日本語', en: 'English' }
const LANGUAGE: Sentence = { ja: '表示言語', en: 'Language' }

function LanguageSwitch() {
  const { language, speak } = useContext(SpeechContext)
  return (
    <fieldset class="languages">
      <legend class="unseen-text">{LANGUAGE[language]}</legend>
      {languages.map(one => (
        <button key={one} type="button" lang={one} aria-pressed={one === language} onClick={() => speak(one)}>
          {NAMES[one]}
        </button>
      ))}
    </fieldset>
  )
}

/** The mark: 印 (a seal) in strokes, so that it needs no font. */
export function Seal() {
  return (
    <svg class="seal" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect x="3" y="3" width="58" height="58" rx="11" class="seal-ground" />
      <path
        class="seal-strokes"
        d="M28 13 14 17.5V48M14 31.5H28.5M14 48 29 46.5M37 16.5H51V39.5C51 43 48.5 43 45 42M37 16.5V53"
      />
    </svg>
  )
}
