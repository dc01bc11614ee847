export { type ContractError, decodeContractError, reasonFromBytes32, reasonToBytes32 } from './errors.ts'
export * from './generated/index.ts'
