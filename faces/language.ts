/**
 * The two languages of the pages, and what a sentence is.
 *
 * A sentence is a record over all languages, so one that lacks a language does not compile. Sentences live in
 * tables (`messages.ts`), one for each folder of pages; a sentence with blanks is a function in each language.
 */

export const languages = ['ja', 'en'] as const
export type Language = (typeof languages)[number]
export type Sentence<T = string> = Readonly<Record<Language, T>>

/**
 * The first language of the reader that the pages speak; English when they speak none.
 *
 * @param tags language tags in order of preference, as `navigator.languages` gives them (RFC 5646)
 */
export function preferredLanguage(tags: readonly string[]): Language {
  const primary = tags.map(tag => tag.split('-', 1)[0]?.toLowerCase())
  return primary.flatMap(tag => languages.filter(language => language === tag))[0] ?? 'en'
}
