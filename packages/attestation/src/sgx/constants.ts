import { ENCLAVE_REPORT_SIZE } from '../dcap/enclaveReport.ts'

/** The one body of an SGX quote, by its type. */
const BODY = { 1: ENCLAVE_REPORT_SIZE } as const

/**
 * Quotes with an enclave: version 3, as today's quoting enclave makes them, and versions 4 and 5, in which Intel's Quote
 * Verification Library reads an enclave report as well. Source: Intel SGX ECDSA Quote Library API, appendix A.4; Intel
 * TDX DCAP Quoting Library API, appendix A.3.
 */
export const SGX_QUOTE = { teeType: 0, bodies: { 3: BODY, 4: BODY, 5: BODY } } as const

/** First byte of the enclave's flags: DEBUG. Source: Intel SDM volume 3D, ATTRIBUTES. */
export const ENCLAVE_DEBUG = 0x02
