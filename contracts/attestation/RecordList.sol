// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAttestationRegistry} from "../interfaces/IAttestationRegistry.sol";
import {CreatedAddress} from "./libraries/CreatedAddress.sol";
import {DataContract} from "./libraries/DataContract.sol";

/// @title First records of all providers, in order, without storage
/// @dev This contract makes nothing but these records, so that the address of each follows from its place: a provider does not
///      pay 27,000 gas for a slot in a list. A creation that fails takes its nonce back with the whole transaction, so no place stays
///      empty.
contract RecordList {
    /// Who may append: the registry that made this contract.
    address private immutable WRITER = msg.sender;

    /// @param data As RecordData packs it.
    function append(bytes memory data) external returns (address pointer) {
        require(
            msg.sender == WRITER, IAttestationRegistry.RegistryCallerNotAllowed(msg.sender, WRITER, address(0))
        );
        return DataContract.write(data);
    }

    /// @notice Number of records; reads about twice the binary logarithm of it.
    function count() external view returns (uint256) {
        uint256 beyond = 1;
        while (_isThere(beyond)) beyond *= 2;
        uint256 last = beyond / 2;
        // `last` is there or zero, `beyond` is not there.
        while (last + 1 < beyond) {
            uint256 middle = (last + beyond) / 2;
            if (_isThere(middle)) last = middle;
            else beyond = middle;
        }
        return last;
    }

    /// @param place From 0; the caller knows that it is below `count`.
    function pointerOf(uint256 place) external view returns (address pointer) {
        return _addressOf(place + 1);
    }

    function _isThere(uint256 nonce) private view returns (bool) {
        return _addressOf(nonce).code.length != 0;
    }

    function _addressOf(uint256 nonce) private view returns (address) {
        // Safe: each costs a transaction.
        return CreatedAddress.compute(address(this), uint64(nonce));
    }
}
