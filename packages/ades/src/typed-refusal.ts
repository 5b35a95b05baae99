/** An expected "no" with a code and a sentence from the table of its kind. Each kind has its own file named `refusal.ts`. */
export abstract class TypedRefusal<Code extends string> extends Error {
  readonly code: Code

  /** @param detail  which object, number or address is meant; never content of a document */
  protected constructor(
    sentences: Readonly<Record<Code, string>>,
    code: Code,
    detail?: string,
    options?: ErrorOptions,
  ) {
    super(detail === undefined ? sentences[code] : `${sentences[code]} (${detail})`, options)
    this.code = code
  }
}
