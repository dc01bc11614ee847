export * from './channel.ts'
export * from './keyset.ts'
export * from './typedData.ts'
