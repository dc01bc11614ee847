'use client'
import { useEffect, useState } from 'react'

const TICK_MS = 15_000

/** Unix seconds, ticking; null on the server and in the first paint, so that both agree. */
export function useNow(): number | null {
  const [now, setNow] = useState<number | null>(null)
  useEffect(() => {
    const tick = () => setNow(Math.floor(Date.now() / 1000))
    tick()
    const timer = setInterval(tick, TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}
