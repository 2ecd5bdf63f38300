//! Every operation of the administrators' API by name, served or not.
//!
//! The names, methods and paths are those of the API's published client (version 0.0.847). The
//! path of the last row is documented without a name, so that name is ours.

use std::sync::LazyLock;

use http::Method;

use super::known::Known;
use super::map::{self, Map};
use super::{ROUTES, Rejection, Target, aim};

/// The table, in the order of the paths; each is a path below the API's base.
#[rustfmt::skip]
pub(crate) const ADMIN: &[Known] = &[
    ("deleteDeeplinkUrlById", "DELETE", "deeplinkUrls/{deeplinkUrlId}"),
    ("getEnvironmentById", "GET", "environments/{environmentId}"),
    ("updateProjectSettings", "PUT", "environments/{environmentId}"),
    ("getCustomHostnames", "GET", "environments/{environmentId}/custom/hostnames"),
    ("createCustomHostname", "POST", "environments/{environmentId}/custom/hostnames"),
    ("deleteCustomHostname", "DELETE", "environments/{environmentId}/custom/hostnames/{customHostnameId}"),
    ("getDeeplinkUrls", "GET", "environments/{environmentId}/deeplinkUrls"),
    ("addDeeplinkUrl", "POST", "environments/{environmentId}/deeplinkUrls"),
    ("getEvents", "GET", "environments/{environmentId}/events"),
    ("getEventById", "GET", "environments/{environmentId}/events/{eventId}"),
    ("checkExternalJwt", "POST", "environments/{environmentId}/externalJwt/check"),
    ("getKeysForEnvironment", "GET", "environments/{environmentId}/keys"),
    ("getOrigins", "GET", "environments/{environmentId}/origins"),
    ("addOrigin", "POST", "environments/{environmentId}/origins"),
    ("getEnvironmentExchanges", "GET", "environments/{environmentId}/settings/exchanges"),
    ("createExchange", "POST", "environments/{environmentId}/settings/exchanges"),
    ("getEnvironmentProviders", "GET", "environments/{environmentId}/settings/providers"),
    ("createProvider", "POST", "environments/{environmentId}/settings/providers"),
    ("getEnvironmentProviderUrls", "GET", "environments/{environmentId}/settings/providers/urls"),
    ("getVisitorsCountByEnvironmentId", "GET", "environments/{environmentId}/statistics/visitors"),
    ("deleteTestAccount", "DELETE", "environments/{environmentId}/test/account"),
    ("getTestAccount", "GET", "environments/{environmentId}/test/account"),
    ("createTestAccount", "POST", "environments/{environmentId}/test/account"),
    ("getTokens", "GET", "environments/{environmentId}/tokens"),
    ("postToken", "POST", "environments/{environmentId}/tokens"),
    ("deleteTokenById", "DELETE", "environments/{environmentId}/tokens/{tokenId}"),
    ("getEnvironmentUsers", "GET", "environments/{environmentId}/users"),
    ("createUser", "POST", "environments/{environmentId}/users"),
    ("bulkCreateUser", "POST", "environments/{environmentId}/users/bulk"),
    ("deleteUser", "DELETE", "environments/{environmentId}/users/{userId}"),
    ("getUser", "GET", "environments/{environmentId}/users/{userId}"),
    ("updateUser", "PUT", "environments/{environmentId}/users/{userId}"),
    ("revokeUserSessions", "POST", "environments/{environmentId}/users/{userId}/sessions/revoke"),
    ("getEnvironmentVisitors", "GET", "environments/{environmentId}/visitors"),
    ("getWebhooks", "GET", "environments/{environmentId}/webhooks"),
    ("createWebhook", "POST", "environments/{environmentId}/webhooks"),
    ("deleteWebhookById", "DELETE", "environments/{environmentId}/webhooks/{webhookId}"),
    ("getWebhook", "GET", "environments/{environmentId}/webhooks/{webhookId}"),
    ("updateWebhookById", "PUT", "environments/{environmentId}/webhooks/{webhookId}"),
    ("getWebhookMessages", "GET", "environments/{environmentId}/webhooks/{webhookId}/messages"),
    ("getWebhookMessageDeliveries", "GET", "environments/{environmentId}/webhooks/{webhookId}/messages/{messageId}"),
    ("redeliverWebhookMessage", "POST", "environments/{environmentId}/webhooks/{webhookId}/messages/{messageId}/redeliver"),
    ("getEventTypes", "GET", "eventTypes"),
    ("deleteMemberById", "DELETE", "members/{memberId}"),
    ("updateMemberRole", "PUT", "members/{memberId}"),
    ("delegateOwnership", "PUT", "members/{memberId}/delegateOwnership"),
    ("membershipEnvironmentIdsGet", "GET", "membershipEnvironmentIds"),
    ("getUserOauthAccessToken", "GET", "oauthAccounts/{oauthAccountId}/accessToken"),
    ("getOrganizationsForMember", "GET", "organizations"),
    ("createOrganization", "POST", "organizations"),
    ("getOrganizationById", "GET", "organizations/{organizationId}"),
    ("updateOrganizationById", "PUT", "organizations/{organizationId}"),
    ("updateOrganizationAddressById", "PUT", "organizations/{organizationId}/address"),
    ("getBillingSubscriptionByOrganization", "GET", "organizations/{organizationId}/billing/subscription"),
    ("applyCouponForSubscription", "PUT", "organizations/{organizationId}/billing/subscription/coupon"),
    ("upgradeSubscriptionForOrganization", "PUT", "organizations/{organizationId}/billing/upgrade"),
    ("getOrganizationMembers", "GET", "organizations/{organizationId}/members"),
    ("getOrganizationMfaSettings", "GET", "organizations/{organizationId}/mfaSettings"),
    ("disableMfaDeviceForOrganization", "PUT", "organizations/{organizationId}/mfaSettings/{mfaDeviceType}/disable"),
    ("enableMfaDeviceForOrganization", "PUT", "organizations/{organizationId}/mfaSettings/{mfaDeviceType}/enable"),
    ("getSsoProviderForOrganization", "GET", "organizations/{organizationId}/ssoProvider"),
    ("createSsoProvider", "POST", "organizations/{organizationId}/ssoProvider"),
    ("deleteSsoProvider", "DELETE", "organizations/{organizationId}/ssoProvider/{ssoProviderId}"),
    ("updateSsoProvider", "PUT", "organizations/{organizationId}/ssoProvider/{ssoProviderId}"),
    ("deleteOriginById", "DELETE", "origins/{originId}"),
    ("getEnvironmentsByProjectId", "GET", "projects/{projectId}/environments"),
    ("revokeSessionById", "PUT", "sessions/{sessionId}/revoke"),
    ("deleteExchange", "DELETE", "settings/exchanges/{exchangeId}"),
    ("getExchange", "GET", "settings/exchanges/{exchangeId}"),
    ("disableExchange", "PUT", "settings/exchanges/{exchangeId}/disable"),
    ("enableExchange", "PUT", "settings/exchanges/{exchangeId}/enable"),
    ("deleteProvider", "DELETE", "settings/providers/{providerId}"),
    ("getProvider", "GET", "settings/providers/{providerId}"),
    ("updateProvider", "PUT", "settings/providers/{providerId}"),
    ("disableProvider", "PUT", "settings/providers/{providerId}/disable"),
    ("enableProvider", "PUT", "settings/providers/{providerId}/enable"),
    ("getUserApiTokens", "GET", "user/tokens"),
    ("createUserApiToken", "POST", "user/tokens"),
    ("deleteUserApiToken", "DELETE", "user/tokens/{tokenId}"),
    ("deleteUserLegacy", "DELETE", "users/{userId}"),
    ("getUserLegacy", "GET", "users/{userId}"),
    ("updateUserLegacy", "PUT", "users/{userId}"),
    ("resetAllMfaDevices", "DELETE", "users/{userId}/mfa"),
    ("resetUserMfa", "POST", "users/{userId}/mfa/reset"),
    ("revokeUserSessionsLegacy", "POST", "users/{userId}/sessions/revoke"),
    ("getSessionById", "GET", "users/{userId}/sessions/{sessionId}"),
    ("revokeEnvironmentSessions", "POST", "environments/{environmentId}/users/sessions/revoke"),
];

static ADMIN_MAP: LazyLock<Map> =
    LazyLock::new(|| Map::draw(ROUTES.iter().filter(|route| route.is_for_administrators()), ADMIN));

/// Finds the row for a method and a path below the base; not every path names an environment.
pub(super) fn recognise<'path>(
    method: &Method,
    below: &'path str,
) -> Result<Target<'path>, Rejection> {
    let Some(mut place) = ADMIN_MAP.find(below) else {
        return Err(Rejection::UnknownPath { meant: map::meant(below, ADMIN) });
    };
    let environment = match below.starts_with("environments/") && !place.parameters.is_empty() {
        true => {
            let id = place.parameters.remove(0);
            let malformed = |_| Rejection::MalformedEnvironment { found: id.to_owned() };
            Some(id.parse().map_err(malformed)?)
        }
        false => None,
    };
    let nowhere = Target {
        environment,
        is_for_administrators: true,
        operation: None,
        parameters: Vec::new(),
    };
    aim(method, place, nowhere)
}

#[cfg(test)]
mod tests {
    use super::super::{BASE, KNOWN, Operation, recognise};
    use super::*;

    const ENVIRONMENT: &str = "00000000-0000-4000-8000-000000000000";

    fn find(method: &Method, path: &str) -> Result<Option<Operation>, Rejection> {
        recognise(method, path).map(|target| target.operation)
    }

    #[test]
    fn every_operation_of_the_administrators_is_known_by_name() {
        // 86 of the client, and one that is documented without a name.
        assert_eq!(ADMIN.len(), 87);
        let names: std::collections::BTreeSet<_> = ADMIN.iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), ADMIN.len());
        for (name, method, template) in ADMIN {
            let method = method.parse().unwrap();
            let path = format!("{BASE}/{}", template.replace("{environmentId}", ENVIRONMENT));
            match find(&method, &path) {
                Ok(Some(operation)) => assert_eq!(operation.name(), *name),
                refused => assert_eq!(refused, Err(Rejection::NotMocked { operation: name })),
            }
        }
        // No name stands for two things: a fault is injected by name.
        assert!(KNOWN.iter().all(|(name, ..)| !names.contains(name)));
    }

    #[test]
    fn an_environment_is_named_by_the_path_or_not_at_all() {
        fn target(path: &str) -> Result<Target<'_>, Rejection> {
            recognise(&Method::GET, path)
        }
        let path = format!("{BASE}/environments/{ENVIRONMENT}/users/some-user");
        let found = target(&path).unwrap();
        assert!(found.is_for_administrators);
        assert_eq!(found.environment, ENVIRONMENT.parse().ok());
        assert_eq!(found.parameters, ["some-user"]);
        let path = format!("{BASE}/users/some-user");
        let found = target(&path).unwrap();
        assert_eq!((found.environment, found.parameters), (None, vec!["some-user"]));
        let path = format!("{BASE}/environments/test-env/users");
        let found = "test-env".to_owned();
        assert_eq!(target(&path), Err(Rejection::MalformedEnvironment { found }));
        let path = format!("{BASE}/environment/{ENVIRONMENT}/users");
        let meant = Some("environments/{environmentId}/users");
        assert_eq!(target(&path), Err(Rejection::UnknownPath { meant }));
    }
}
