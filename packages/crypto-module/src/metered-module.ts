/** A crypto module whose calls are told of: which operation, what became of it, how long it took. */
import { type CryptoModule, ModuleRefusal } from './module.ts'

/** `outcome`: `ok`, the code of the refusal, or `fault`. */
export type ObserveModuleCall = (operation: string, outcome: string, seconds: number) => void

/** The same module. Nothing of a call is told but its name: neither label nor key nor data. */
export function meteredModule(module: CryptoModule, observe: ObserveModuleCall): CryptoModule {
  return new Proxy(module, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      // Private members are reached through the module itself.
      const operation = (...given: unknown[]): unknown => member.apply(target, given)
      return name === 'close' ? operation : metered(String(name), operation, observe)
    },
  })
}

function metered(name: string, operation: (...given: unknown[]) => unknown, observe: ObserveModuleCall) {
  return async (...given: unknown[]): Promise<unknown> => {
    const begun = performance.now()
    const tell = (outcome: string) => observe(name, outcome, (performance.now() - begun) / 1000)
    try {
      const answer = await operation(...given)
      tell('ok')
      return answer
    } catch (error) {
      tell(error instanceof ModuleRefusal ? error.code : 'fault')
      throw error
    }
  }
}
