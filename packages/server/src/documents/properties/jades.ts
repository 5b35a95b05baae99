/** signed_props of JAdES: CSC API v2.0.0.2, 11.11 names none. */
import { DocumentRefused } from '../refusal.ts'
import type { SignedProperty } from '../task.ts'

/** @throws DocumentRefused `signed-props-invalid` */
export function checkNoProperties(properties: readonly SignedProperty[]): void {
  const names = properties.map(({ name }) => name)
  if (names.length > 0) throw new DocumentRefused('signed-props-invalid', names.join(', '))
}
