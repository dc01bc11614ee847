// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @notice Who may change verifiers and reference values, and after what delay.
/// @dev It cannot touch money: Ledger, ChannelEscrow, AssetRegistry and KeyReleases have no governance.
///      In production the deployer hands the admin role to a governor with an execution delay and gives up its own
///      (scripts/deploy/deploy.ts).
contract Governance is AccessManager {
    /// @param admin First admin, without delay.
    constructor(address admin) AccessManager(admin) {}
}
