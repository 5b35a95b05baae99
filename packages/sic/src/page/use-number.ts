/** Numbers as the reader's language writes them. */
import { useMemo } from 'preact/hooks'
import { useLanguage } from '../../../../faces/frame.tsx'

export function useNumber(): (value: number) => string {
  const language = useLanguage()
  return useMemo(() => {
    const format = new Intl.NumberFormat(language)
    return value => format.format(value)
  }, [language])
}
