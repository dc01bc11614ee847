// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// Names of the invariants; assertions print them.
abstract contract InvariantsSpec {
    string internal constant ESC_1 = "ESC-1: sum of all ledger balances == token balance of the ledger - donations";
    string internal constant ESC_1_OPEN = "ESC-1: escrow's ledger balance == sum of (deposit - settled) over channels not closed";
    string internal constant ESC_2 = "ESC-2: a channel pays at most min(receipt, voucher, price x units, deposit)";
    string internal constant ESC_2_SPLIT = "ESC-2: owner + provider + protocol == paid, to the last unit";
    string internal constant ESC_3 = "ESC-3: after the deadlines anyone can empty the escrow";
    string internal constant ESC_4 = "ESC-4: what is finished while its keyset is not attested earns nothing";
    string internal constant ATT_1 = "ATT-1: no provider stays Active whose evidence the same verifier rejects, once anybody has said so";
    string internal constant ATT_2 = "ATT-2: at most one provider per platform takes new channels, and who attested there within a day is the holder";
    string internal constant ATT_3 = "ATT-3: a GPU counts for at most one live provider, once";
    string internal constant ATT_4 = "ATT-4: canServe says yes exactly while every condition of the record and of the asset holds";
}
