//! Trusted devices, which the API calls device registrations.

use mfa_engine::TrustedDeviceView;
use serde::Serialize;

use super::user::date;

/// `DeviceRegistrationsResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceRegistrations<'device> {
    count: usize,
    device_registrations: Vec<DeviceRegistration<'device>>,
}

/// `DeviceRegistrationResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceRegistration<'device> {
    id: String,
    is_current_device: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'device str>,
    created_at: String,
}

/// `DeleteDeviceRegistrationResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteDeviceRegistration {
    pub(crate) current_device_revoked: bool,
}

impl<'device> DeviceRegistrations<'device> {
    pub(crate) fn of(devices: &'device [TrustedDeviceView]) -> Self {
        let registration = |view: &'device TrustedDeviceView| DeviceRegistration {
            id: view.device.id.to_string(),
            is_current_device: view.current,
            user_agent: view.device.user_agent.as_deref(),
            created_at: date(view.device.created_at),
        };
        Self {
            count: devices.len(),
            device_registrations: devices.iter().map(registration).collect(),
        }
    }
}
