'use client'
import {
  CandlestickSeries,
  ColorType,
  createChart,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineStyle,
  PriceScaleMode,
  type UTCTimestamp,
} from 'lightweight-charts'
import { useEffect, useRef, useState } from 'react'
import { formatCompact, formatPrice } from '../../../shared/format/number.ts'
import { formatDay } from '../../../shared/format/time.ts'
import type { Candle } from '../market.ts'

interface ChartParts {
  readonly chart: IChartApi
  readonly candles: ISeriesApi<'Candlestick'>
  readonly volume: ISeriesApi<'Histogram'>
  /** Marks the newest close; the series' own mark takes the colour of a hollow candle, which has none. */
  readonly newest: IPriceLine
}

/** Resolves the theme's colours to what the canvas understands. */
function themeColours(element: HTMLElement) {
  const probe = document.createElement('span')
  element.append(probe)
  const read = (name: string) => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const colours = {
    ink: read('ink-3'),
    strong: read('ink'),
    canvas: read('canvas'),
    line: read('line'),
    up: read('up'),
    down: read('down'),
    volume: read('line-strong'),
  }
  probe.remove()
  return colours
}

function applyTheme({ chart, candles, volume, newest }: ChartParts, element: HTMLElement): void {
  const { ink, strong, canvas, line, up, down, volume: bars } = themeColours(element)
  chart.applyOptions({
    layout: { background: { type: ColorType.Solid, color: 'transparent' }, textColor: ink },
    grid: { vertLines: { visible: false }, horzLines: { color: line } },
    timeScale: { borderColor: line },
    rightPriceScale: { borderColor: line },
  })
  // Rising candles are hollow, falling ones filled: the direction is readable without colour.
  candles.applyOptions({
    upColor: 'transparent',
    borderUpColor: up,
    wickUpColor: up,
    downColor: down,
    borderDownColor: down,
    wickDownColor: down,
  })
  volume.applyOptions({ color: bars })
  newest.applyOptions({ color: ink, axisLabelColor: strong, axisLabelTextColor: canvas })
}

function makeChart(element: HTMLElement): ChartParts {
  const chart = createChart(element, {
    autoSize: true,
    layout: { fontSize: 11, attributionLogo: false },
    // Vertical swipes scroll the page, not the chart.
    handleScroll: { vertTouchDrag: false },
    localization: { locale: 'en-US', priceFormatter: formatPrice },
  })
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false, lastValueVisible: false })
  const newest = candles.createPriceLine({
    price: 0,
    lineWidth: 1,
    lineStyle: LineStyle.Dotted,
    axisLabelVisible: true,
  })
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    priceFormat: { type: 'volume' },
    lastValueVisible: false,
    priceLineVisible: false,
  })
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } })
  chart.priceScale('right').applyOptions({ scaleMargins: { top: 0.08, bottom: 0.2 } })
  return { chart, candles, volume, newest }
}

/** Shows everything, with room on both sides so that the axis does not cut its first and last label. */
function showAll(chart: IChartApi, count: number): void {
  const room = Math.max(2, count * 0.02)
  chart.timeScale().setVisibleLogicalRange({ from: -room, to: count - 1 + room })
}

/** Reads one candle aloud: the legend over the chart. */
function Legend({ candle }: { readonly candle: Candle | undefined }) {
  if (!candle) return null
  return (
    <dl className="num flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-ink-2">
      <div>
        <dt className="sr-only">Day</dt>
        <dd>{formatDay(candle.time)}</dd>
      </div>
      {(['open', 'high', 'low', 'close'] as const).map((field) => (
        <div key={field} className="flex gap-1">
          <dt className="text-ink-3">{field.slice(0, 1).toUpperCase()}</dt>
          <dd>{formatPrice(candle[field])}</dd>
        </div>
      ))}
      <div className="flex gap-1">
        <dt className="text-ink-3">Vol</dt>
        <dd>{formatCompact(candle.volume)}</dd>
      </div>
    </dl>
  )
}

/** Candles with volume. The same data stand in {@link CandleTable}: the canvas is invisible to screen readers. */
export default function CandleChart({
  symbol,
  candles,
  logarithmic,
}: {
  readonly symbol: string
  readonly candles: readonly Candle[]
  /** Equal distances are equal shares, not equal dollars. */
  readonly logarithmic: boolean
}) {
  const frame = useRef<HTMLDivElement>(null)
  const parts = useRef<ChartParts | null>(null)
  const shown = useRef<string | null>(null)
  const [hovered, setHovered] = useState<number | null>(null)

  useEffect(() => {
    const element = frame.current
    if (!element) return
    const made = makeChart(element)
    parts.current = made
    shown.current = null
    const paint = () => applyTheme(made, element)
    paint()
    made.chart.subscribeCrosshairMove((event) => setHovered(typeof event.time === 'number' ? event.time : null))
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', paint)
    const observer = new MutationObserver(paint)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    return () => {
      scheme.removeEventListener('change', paint)
      observer.disconnect()
      made.chart.remove()
      parts.current = null
    }
  }, [])

  useEffect(() => {
    const made = parts.current
    if (!made) return
    made.candles.setData(candles.map((candle) => ({ ...candle, time: candle.time as UTCTimestamp })))
    made.volume.setData(candles.map((candle) => ({ time: candle.time as UTCTimestamp, value: candle.volume })))
    const last = candles.at(-1)
    if (last) made.newest.applyOptions({ price: last.close })
    // Only a new market or range moves the view; a refresh leaves it where the reader put it.
    const view = `${symbol}:${candles[0]?.time}`
    if (shown.current !== view) showAll(made.chart, candles.length)
    shown.current = view
  }, [symbol, candles])

  useEffect(() => {
    const mode = logarithmic ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal
    parts.current?.chart.priceScale('right').applyOptions({ mode })
  }, [logarithmic])

  const candle = candles.find(({ time }) => time === hovered) ?? candles.at(-1)
  return (
    <div className="flex flex-col gap-2">
      <Legend candle={candle} />
      <div
        ref={frame}
        role="img"
        aria-label={`Candles of ${symbol}; the same as a table below`}
        className="h-80 w-full sm:h-[26rem]"
      />
    </div>
  )
}
