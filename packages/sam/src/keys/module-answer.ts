/** The module's refusals in the words of SAP. */
import { ModuleRefusal } from '@natsuin/crypto-module'
import { refuse } from '../refuse.ts'

/** @throws Refusal `module-unavailable` for whatever the module refuses */
export async function moduleAnswer<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ModuleRefusal)
      throw refuse('module-unavailable', { module: error.code }, { cause: error })
    throw error
  }
}
